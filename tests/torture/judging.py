"""Whether what the product said and stored of a file is its declared verdict, whatever door it came by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from shopdata.store import Store
from shopdata.store.tables import ORDER_LINES, imports
from tests.torture.declaration import Case, Verdict

NOW = "2026-11-02T12:00:00"  # the clock of tests.imports.conftest.settings_in
LISTED = 1_000
# What a program says to its maker and never to a shopkeeper.
PROGRAM_WORDS = re.compile(
    r"Traceback|Exception|[a-z]Error\b|errno|\bNone\b|\bnull\b|object at 0x|<class|\.py\b|site-packages|/tmp/"
    r"|pyarrow|fastexcel|duckdb|zipfile|codec can't|member-\d|file-\d"
)


def differences(entry: Mapping[str, Any], verdict: Verdict) -> list[str]:
    """What an entry of the contract's document says otherwise than declared."""
    found: list[str] = []

    def must(what: str, said: object, declared: object) -> None:
        if said != declared:
            found.append(f"{what}: {said!r}, declared {declared!r}")

    must("status", entry["status"], verdict.status)
    must("code", entry["error"] and entry["error"]["code"], verdict.code)
    if verdict.status == "imported" and entry["status"] == "imported":
        must("rows", entry["rows"], verdict.rows)
        must("rejected", entry["rejected"], len(verdict.rejects))
        listed = [(one["row"], one["code"]) for one in entry["rejects"]]
        must("rejects", sorted(listed), sorted(verdict.rejects)[:LISTED])
        must("warned", {one["code"] for one in entry["warnings"]} & set(verdict.warned), set(verdict.warned))
    must("accepted + rejected", entry["accepted"] + entry["rejected"], entry["rows"])
    must("new + updated + unchanged", entry["new"] + entry["updated"] + entry["unchanged"], entry["accepted"])
    return found + program_words(entry)


def sentences(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every sentence of an entry, each with the text of the file it quotes."""
    said = [(one["message"], str(one["value"] or "")) for one in (*entry["rejects"], *entry["warnings"])]
    return said + ([(entry["error"]["message"], "")] if entry["error"] else [])


def program_words(entry: Mapping[str, Any]) -> list[str]:
    """Sentences that are missing, or speak of the program's inside."""
    wrong = []
    for message, quoted in sentences(entry):
        own = message.replace(quoted, "") if quoted else message
        if not own.strip() or (hit := PROGRAM_WORDS.search(own)):
            wrong.append(f"message: {message!r} ({hit.group() if own.strip() and hit else 'empty'})")
    return wrong


def exit_status(verdicts: Iterable[Verdict]) -> int:
    """The contract's exit status of files with these verdicts."""
    each = [2 if one.status == "refused" else 1 if one.rejects else 0 for one in verdicts]
    return 2 if set(each) == {2} else 1 if any(each) else 0


def stored_differences(store: Store, cases: Iterable[Case]) -> list[str]:
    """Rows of the store that no verdict declares, and declared rows and values that are not there."""
    lines = ORDER_LINES.table
    with store.read() as connection:
        rows = {row["line_id"]: row for row in connection.execute(select(lines)).mappings()}
        known = connection.execute(select(imports.c.file_name, imports.c.rows)).all()
    found = []
    own = {case.numbers.start: case for case in cases}
    counted = dict.fromkeys(own, 0)
    for line_id in rows:
        number = int(re.sub(r"\D", "", line_id)[2:] or 0)
        start = number - number % 100_000
        if start in counted:
            counted[start] += 1
    for start, case in own.items():
        verdicts = case.expected.values()
        declared = sum(one.accepted - one.repeats for one in verdicts)
        if counted[start] != declared:
            found.append(f"{case.name}: {counted[start]} rows in the store, declared {declared}")
        for verdict in verdicts:
            found += _value_differences(case, verdict, rows)
    names = {name for case in cases for name, one in case.expected.items() if one.status == "refused"}
    found += [f"{name}: refused, but in the list of imports" for name, _ in known if name in names]
    return found


def _value_differences(case: Case, verdict: Verdict, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = []
    for place, values in verdict.stored.items():
        row = rows.get(case.numbers.line_id(place))
        for name, declared in values.items():
            if row is None or row[name] != declared:
                said = row[name] if row is not None else "no row"
                found.append(f"{case.name}: row {place + 2} {name} {said!r}, declared {declared!r}")
    return found


def of_each(cases: Iterable[Case], entries: Iterable[Any]) -> dict[str, list[Any]]:
    """The entries of a whole import, which come in the order of its files, by the name of their case."""
    waiting = iter(entries)
    found = {case.name: [one for _, one in zip(case.expected, waiting, strict=False)] for case in cases}
    assert next(waiting, None) is None, "more entries than declared"
    return found
