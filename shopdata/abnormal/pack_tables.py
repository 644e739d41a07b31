"""The tables of an evidence pack as CSV: the timeline, who did what, and rows as they were imported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from shopdata.abnormal.cases import CaseEvent
from shopdata.abnormal.pack_contents import Contents, RawFile
from shopdata.orders.sheets import inert
from shopdata.units import yuan
from shopdata.words import Words

BOM = "\ufeff".encode()
# What begins like a formula and is none: numbers, and dashes that stand for nothing.
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?%?|-{1,3}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
STARTS = re.compile(r"[\s'\u3000]*[=+\-@＝＋－＠]")


def csv_of(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The rows as UTF-8 with a mark that spreadsheets look for, a piece a row."""
    yield BOM
    for row in rows:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(row)
        yield line.getvalue().encode()


def timeline(contents: Contents, words: Words) -> Iterator[Sequence[str]]:
    """What happened to the order and what was found, by time."""
    yield [words(f"abnormal.pack.column.{name}") for name in ("at", "what", "subjects", "amount", "file")]
    for row in events(contents, words):
        yield [inert(cell) if not NUMBER.fullmatch(cell) else cell for cell in row]


def events(contents: Contents, words: Words) -> list[tuple[str, ...]]:
    """Time, what, of what, amount in yuan, file."""
    found: list[tuple[str, ...]] = []
    for one in contents.order.events if contents.order else ():
        name = words.get(f"orders.events.{one.key}", one.key)
        amount = f"{yuan(one.amount)}" if one.amount is not None and contents.rights.money else ""
        found.append((f"{one.at:%Y-%m-%d %H:%M:%S}", name, " ".join(one.subjects), amount, one.file or ""))
    for flag in contents.case.hits:
        if flag.found_at is not None:
            said = words("pages.case.event.found", rule=words(f"abnormal.{flag.rule}.name"))
            found.append((f"{flag.found_at:%Y-%m-%d %H:%M:%S}", said, flag.subject, "", ""))
    for hit in contents.case.gone:
        rule = words(f"abnormal.{hit.rule}.name")
        if hit.found_at is not None:
            said = words("pages.case.event.found", rule=rule)
            found.append((f"{hit.found_at:%Y-%m-%d %H:%M:%S}", said, "", "", ""))
        said = words("pages.case.event.gone", rule=rule, file=hit.file or words("ui.none"))
        found.append((f"{hit.gone_at:%Y-%m-%d %H:%M:%S}", said, "", "", hit.file or ""))
    return sorted(found, key=lambda row: row[0])


def log(contents: Contents, words: Words) -> Iterator[Sequence[str]]:
    """Who did what, when."""
    yield [words(f"abnormal.pack.column.{name}") for name in ("at", "who", "what", "said")]
    for one in contents.case.events:
        yield [inert(cell) for cell in event(one, contents, words)]


def event(one: CaseEvent, contents: Contents, words: Words) -> tuple[str, str, str, str]:
    """Time, who, what, and what they wrote."""
    state = str(one.detail.get("state") or "")
    claim = str(one.detail.get("claim") or "")
    what = words(
        f"pages.case.event.{one.action}",
        state=words(f"pages.case.state.{state}") if state else "",
        name=who(str(one.detail.get("assignee") or ""), words) or words("ui.none"),
    )
    if claim:
        what += f" · {words(f'abnormal.disputes.{claim}')}"
    by = who(one.user, words) if one.user else words("pages.case.by_import")
    return f"{one.at:%Y-%m-%d %H:%M:%S}", by, what, contents.text(one.text)


def who(user: str | None, words: Words) -> str:
    """A user as people read it."""
    return words("ui.local_user") if user == "local" else user or ""


def raw(one: RawFile, words: Words) -> Iterator[Sequence[str]]:
    """The file's own headers and cells, before them the number a person sees beside the row."""
    yield [words("abnormal.pack.column.row"), *map(as_it_is, one.headers)]
    for number, cells in one.rows:
        yield [str(number), *map(as_it_is, cells)]


def as_it_is(cell: str) -> str:
    """The cell to the letter, but that nothing in it starts: an apostrophe stands before what a spreadsheet
    would calculate, and signs that steer a screen are gone."""
    clean = CONTROL.sub("", cell)
    return f"'{clean}" if STARTS.match(clean) and not NUMBER.fullmatch(clean) else clean
