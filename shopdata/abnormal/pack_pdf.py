"""The evidence pack as pages to read and print: facts, hits, checklist, files with pictures, who did what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table, TableStyle

from shopdata.abnormal import pack_tables
from shopdata.abnormal.document import amount_in_words, why
from shopdata.abnormal.pack_contents import KEPT, Contents
from shopdata.abnormal.pack_page import (
    FACTS,
    NAMED,
    SMALL,
    TITLE,
    WIDTH,
    build,
    heading,
    paragraph,
    picture,
    table,
)
from shopdata.abnormal.reading import Flag
from shopdata.abnormal.rules import RULES
from shopdata.orders.privacy import MONEY
from shopdata.store.personal import CIPHER
from shopdata.units import yuan
from shopdata.words import Words

Parts = Iterator[Any]


def write(path: Path, contents: Contents, words: Words, previews: Mapping[int, Path]) -> None:
    """Write the PDF. ``previews``: small JPEGs by number of the attached file."""
    parts: list[Any] = []
    for part in (_head, _facts, _hits, _claim, _checklist, _attachments, _timeline, _log, _raw):
        parts += part(contents, words)
    parts += _pictures(contents, words, previews)
    build(path, _title(contents, words), parts, words("abnormal.pack.page", n="{n}"))


def _said(words: Words, key: str, **values: object) -> str:
    return words(f"abnormal.pack.{key}", **values)


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "–"


def _title(contents: Contents, words: Words) -> str:
    key = contents.case.key
    about = words.get(f"pages.case.kind.{key.kind}", words("pages.case.kind.other"))
    return _said(words, "title", about=about, subject=key.subject)


def _head(contents: Contents, words: Words) -> Parts:
    yield paragraph(_title(contents, words), TITLE)
    by = pack_tables.who(contents.user, words)
    buyers = _said(words, "buyers_shown" if contents.reveal else "buyers_hidden")
    yield paragraph(_said(words, "made", at=_at(contents.now), user=by, buyers=buyers), SMALL)
    yield Spacer(1, 4 * mm)


def _facts(contents: Contents, words: Words) -> Parts:
    case, order = contents.case, contents.order
    rows: list[tuple[str, object]] = [
        ("shop", contents.shop.name),
        ("platform", words(f"ui.platforms.{contents.shop.platform}")),
        ("state", words(f"pages.case.state.{case.state}")),
        ("assignee", pack_tables.who(case.assignee, words) or "–"),
        ("dispute", words(f"abnormal.disputes.{contents.dispute}")),
        ("opened", f"{_at(case.opened_at)} {pack_tables.who(case.opened_by, words)}"),
    ]
    yield from heading(_said(words, "part.facts"))
    yield table([(_said(words, f"fact.{name}"), value) for name, value in rows], (1, 4), FACTS)
    if order is None:
        return
    yield from heading(_said(words, "part.order"))
    yield table(list(_order_facts(contents, words)), (1, 4), FACTS)


def _order_facts(contents: Contents, words: Words) -> Iterator[tuple[str, object]]:
    order = contents.order
    if order is None:
        return
    row = order.order
    yield words("orders.fields.order_id"), row.order_id
    yield words("orders.fields.status"), words(f"ui.statuses.{row.status or 'unknown'}")
    for name in ("placed_at", "paid_at", "shipped_at", "signed_at", "completed_at"):
        if (at := getattr(row, name, None)) is not None:
            yield words(f"orders.fields.{name}"), _at(at)
    if contents.rights.money and row.paid_amount is not None:
        yield words("orders.fields.paid_amount"), f"{yuan(row.paid_amount):,} {row.currency}"
    for said in dict.fromkeys(map(_product, order.lines)):
        yield words("orders.fields.product_name"), said
    for parcel in order.parcels:
        yield words("orders.fields.waybill"), f"{parcel['waybill']} {parcel.get('courier') or ''}"
    if contents.reveal:
        for name in ("receiver", "phone", "address"):
            told = dict.fromkeys(
                str(line[name]) for line in order.lines if line.get(name) and line[name][0] not in CIPHER
            )
            if told:
                yield words(f"orders.fields.{name}"), " / ".join(told)


def _product(line: Mapping[str, Any]) -> str:
    said = [str(line[name]) for name in ("product_name", "product_spec") if line.get(name)]
    return " · ".join([*said, f"× {line.get('quantity') or '–'}"])


def _hits(contents: Contents, words: Words) -> Parts:
    yield from heading(_said(words, "part.hits"))
    if not contents.case.hits:
        yield paragraph(_said(words, "no_hits"))
    for flag in contents.case.hits:
        yield KeepTogether(list(_hit(flag, contents, words)))


def _hit(flag: Flag, contents: Contents, words: Words) -> Parts:
    rule, money = RULES[flag.rule], contents.rights.money
    severity = words(f"abnormal.severity.{flag.severity}")
    name = words(f"abnormal.{flag.rule}.name")
    yield paragraph(f"{name} · {severity}", NAMED)
    if money or rule.unit != "fen":
        yield paragraph(why(flag, words))
    moments = (("deadline", flag.deadline), ("as_of", flag.as_of))
    told = [_said(words, f"hit.{name}", at=_at(at)) for name, at in moments if at is not None]
    if flag.amount and money:
        told.append(_said(words, "hit.amount", amount=amount_in_words(flag.amount, "fen", words)))
    told.append(_said(words, "hit.found", at=_at(flag.found_at)))
    yield paragraph(" · ".join(told), SMALL)
    if values := _values(flag, contents, words):
        yield paragraph(_said(words, "hit.values", values=values), SMALL)


def _values(flag: Flag, contents: Contents, words: Words) -> str:
    """The values that made the rule fire."""
    found: Mapping[str, Any] = json.loads(flag.evidence) if flag.evidence else {}
    said = []
    for name, value in found.items():
        if value is None or (name in MONEY and not contents.rights.money):
            continue
        label = words.get(f"abnormal.values.{name}", words.get(f"orders.fields.{name}", name))
        said.append(f"{label} {_value(name, value, words)}")
    return "；".join(said) if words.language == "zh" else "; ".join(said)


def _value(name: str, value: Any, words: Words) -> str:
    if name in MONEY and isinstance(value, int):
        return f"{yuan(value):,}"
    if isinstance(value, bool):
        return words("ui.yes" if value else "ui.no")
    if name == "claim":
        return words(f"abnormal.disputes.{value}")
    if name == "status":
        return words.get(f"ui.statuses.{value}", str(value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _claim(contents: Contents, words: Words) -> Parts:
    claim = contents.claim
    if claim is None:
        return
    rows: list[tuple[str, object]] = [
        ("kind", words(f"abnormal.disputes.{claim.kind}")),
        ("marked", f"{_at(claim.marked_at)} {pack_tables.who(claim.marked_by, words)}"),
        ("return_waybill", claim.return_waybill or "–"),
        ("appealed_on", claim.appealed_on or "–"),
    ]
    if claim.expected:
        first, last = claim.expected
        rows.append(("expected", _said(words, "between", first=first, last=last)))
    yield from heading(_said(words, "part.claim"))
    yield table([(_said(words, f"claim.{name}"), value) for name, value in rows], (1, 4), FACTS)
    if claim.inspection:
        yield paragraph(_said(words, "claim.inspection"), NAMED)
        yield paragraph(contents.text(claim.inspection))


def _checklist(contents: Contents, words: Words) -> Parts:
    dispute = words(f"abnormal.disputes.{contents.dispute}")
    yield from heading(_said(words, "part.checklist", dispute=dispute))
    rows = [[_said(words, "column.piece"), _said(words, "column.files")]]
    for piece, files in contents.checklist.items():
        numbers = ", ".join(f"{one.number:02d}" for one in files)
        rows.append([words(f"abnormal.pieces.{piece}"), numbers or _said(words, "missing")])
    yield table(rows, (3, 2))


def _attachments(contents: Contents, words: Words) -> Parts:
    yield from heading(_said(words, "part.attachments"))
    if not contents.attachments:
        yield paragraph(_said(words, "no_attachments"))
    for one in contents.attachments:
        about, evidence = one.member, one.one
        told = [f"{evidence.size:,} B", _at(evidence.added_at), pack_tables.who(evidence.added_by, words)]
        if evidence.item:
            told.append(words(f"abnormal.pieces.{evidence.item}"))
        lines = [paragraph(about, NAMED), paragraph(" · ".join(told), SMALL)]
        lines.append(paragraph(f"SHA-256 {evidence.sha256}", SMALL))
        if evidence.is_stripped:
            said = _said(words, "stripped", sha256=evidence.given_sha256)
            lines.append(paragraph(said, SMALL))
        if one.state != KEPT:
            lines.append(paragraph(_said(words, f"state.{one.state}")))
        yield KeepTogether(lines)
        if evidence.note:
            yield paragraph(contents.text(evidence.note))


def _timeline(contents: Contents, words: Words) -> Parts:
    yield from heading(_said(words, "part.timeline"))
    columns = ("at", "what", "subjects", "amount", "file")
    rows = [[_said(words, f"column.{name}") for name in columns], *pack_tables.events(contents, words)]
    yield table(rows, (21, 19, 22, 10, 20))


def _log(contents: Contents, words: Words) -> Parts:
    yield from heading(_said(words, "part.log"))
    if not contents.case.events:
        yield paragraph(words("ui.none"))
    for one in contents.case.events:
        at, by, what, said = pack_tables.event(one, contents, words)
        yield paragraph(f"{at} · {by} · {what}", NAMED)
        if said:
            yield paragraph(said)


def _raw(contents: Contents, words: Words) -> Parts:
    yield from heading(_said(words, "part.raw"))
    yield paragraph(_said(words, "raw_rows"))
    rows = [[_said(words, f"column.{name}") for name in ("file", "imported", "rows", "member")]]
    for one in contents.raw:
        source = f"{one.source.file} {one.sheet or ''}"
        rows.append([source, _at(one.source.imported_at), f"{len(one.rows)}", one.member])
    if contents.raw:
        yield table(rows, (30, 20, 6, 36))
    for file in contents.gone:
        key = "raw_aside" if file.sheets else "raw_gone"
        yield paragraph(_said(words, key, file=file.file, at=_at(file.imported_at)))


def _pictures(contents: Contents, words: Words, previews: Mapping[int, Path]) -> Parts:
    """Small pictures of what is attached, two in a row."""
    if not previews:
        return
    yield from heading(_said(words, "part.pictures"), 95 * mm)
    cells = [
        [picture(previews[one.number]), paragraph(one.member, SMALL)]
        for one in contents.attachments
        if one.number in previews
    ]
    for place in range(0, len(cells), 2):
        pair = [*cells[place : place + 2], []][:2]
        yield Table([pair], [WIDTH / 2] * 2, style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))
