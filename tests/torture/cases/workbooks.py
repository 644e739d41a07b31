"""Workbooks from the inside: what they claim, hide, compute, point at and leave out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.torture.declaration import Case, Make, Numbers, refused, taken
from tests.torture.making import SHEET, Formula, book, grid, plain, repacked, xlsx

UNSAFE, DAMAGED, BOMB = refused("unsafe_archive"), refused("archive_damaged"), refused("archive_bomb")
WORKBOOK, STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"
ENTITY = b'?>\n<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
LAUGHS = (
    b"?>\n<!DOCTYPE a ["
    + b"".join(b'<!ENTITY l%d "%s">' % (n, (b"&l%d;" % (n - 1) * 10) if n else b"ha") for n in range(9))
    + b"]>"
)


def _part(part: str, old: bytes, new: bytes, rows: int = 3) -> Make:
    """A good workbook with bytes of one part replaced."""
    return lambda n: repacked(book(n.rows(rows)), {part: lambda data: data.replace(old, new, 1)})


def _sheet(change: Callable[[bytes], bytes], rows: int = 3) -> Make:
    return lambda n: repacked(book(n.rows(rows)), {SHEET: change})


def _parts(changes: Mapping[str, Any], rows: int = 3) -> Make:
    return lambda n: repacked(book(n.rows(rows)), changes)


def _formulas(numbers: Numbers) -> bytes:
    """A formula without a stored result in the second row, with one in the third."""
    rows: list[dict[str, Any]] = [dict(row) for row in numbers.rows(3)]
    rows[1]["订单应付金额"] = Formula("=A1+1", "")
    rows[2]["订单应付金额"] = Formula("=100+29.9", 129.9)
    data = book(rows)
    return repacked(data, {SHEET: lambda xml: xml.replace(b"<f>A1+1</f><v></v>", b"<f>A1+1</f>")})


def _two(names: tuple[str, str], hidden: tuple[str, ...] = ()) -> Make:
    return lambda n: xlsx({names[0]: grid(n.rows(3)), names[1]: grid(n.rows(2, 3))}, hidden=hidden)


def _dimension(data: bytes) -> bytes:
    return re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1:XFD1048576"/>', data)


def _far_cell(place: bytes) -> Callable[[bytes], bytes]:
    """One more cell, far out."""
    row = re.sub(rb"[A-Z]", b"", place)
    cell = b'<row r="%s"><c r="%s" t="inlineStr"><is><t>x</t></is></c></row>' % (row, place)
    return lambda data: data.replace(b"</sheetData>", cell + b"</sheetData>")


def _without_places(data: bytes) -> bytes:
    """Rows and cells that do not say where they stand."""
    return re.sub(rb'(<(?:c|row)) r="[A-Z0-9]+"', rb"\1", data)


def _titled(numbers: Numbers) -> list[list[Any]]:
    rows = grid(numbers.rows(3))
    return [["某某旗舰店 订单明细"], ["导出时间", "2026-11-01"], [], *rows, ["合计", None, None, None, 3]]


CASES: tuple[Case, ...] = (
    plain("dimension-of-a-whole-sheet", _sheet(_dimension), taken(3), "xlsx"),
    plain("cell-in-the-last-corner", _sheet(_far_cell(b"XFD1048576")), refused("too_many_columns"), "xlsx"),
    plain("cell-in-the-last-row", _sheet(_far_cell(b"A1048576")), refused("sheet_sparse"), "xlsx"),
    plain("cell-beyond-the-sheet", _sheet(_far_cell(b"ZZZ99999999")), refused("too_many_columns"), "xlsx"),
    plain("document-type-in-the-workbook", _part(WORKBOOK, b"?>", ENTITY), UNSAFE, "xlsx"),
    plain("outside-entity-in-a-sheet", _part(SHEET, b"?>", ENTITY), UNSAFE, "xlsx"),
    plain("a-billion-laughs", _part(STRINGS, b"?>", LAUGHS), UNSAFE, "xlsx"),
    plain(
        "sheet-in-utf-16",
        _sheet(lambda data: data.replace(b"UTF-8", b"UTF-16").decode().encode("utf-16")),
        UNSAFE,
        "xlsx",
    ),
    plain(
        "sheet-that-swells",
        _sheet(lambda data: data.replace(b"</sheetData>", b" " * (40 << 20) + b"</sheetData>")),
        BOMB,
        "xlsx",
    ),
    plain("macros", _parts({"xl/vbaProject.bin": bytes(500)}), taken(3), "xlsm"),
    plain(
        "formula-without-result",
        _formulas,
        taken(3, {3: "formula_without_value"}, stored={2: {"payable_amount": 12_990}}),
        "xlsx",
    ),
    plain(
        "hidden-sheet", _two(("看得见", "看不见"), ("看不见",)), taken(3, warned=("sheet_hidden",)), "xlsx"
    ),
    plain(
        "nothing-but-a-hidden-sheet",
        lambda n: repacked(
            book(n.rows(2)),
            {WORKBOOK: lambda d: d.replace(b'sheetId="1"', b'sheetId="1" state="veryHidden"')},
        ),
        refused("no_rows"),
        "xlsx",
    ),
    plain("two-sheets", _two(("一", "二")), taken(5), "xlsx"),
    plain("hidden-rows", lambda n: book(n.rows(5), hidden_rows=(2, 3)), taken(5), "xlsx"),
    plain(
        "title-and-total",
        lambda n: xlsx({"S": _titled(n)}, merged=("A1:F1",)),
        taken(4, {8: "id_invalid"}),
        "xlsx",
    ),
    plain("table-away-from-the-corner", lambda n: book(n.rows(3), first=(5, 3)), taken(3), "xlsx"),
    plain("cells-without-places", _sheet(_without_places), taken(3), "xlsx"),
    plain("no-shared-strings", _parts({STRINGS: None}), DAMAGED, "xlsx"),
    plain(
        "shared-string-that-is-none",
        _sheet(lambda data: data.replace(b"<v>3</v>", b"<v>99999999</v>")),
        DAMAGED,
        "xlsx",
    ),
    plain("sheet-that-is-missing", _parts({SHEET: None}), DAMAGED, "xlsx"),
    plain(
        "sheet-outside-the-archive",
        _part("xl/_rels/workbook.xml.rels", b"worksheets/sheet1.xml", b"../../../../etc/passwd"),
        DAMAGED,
        "xlsx",
    ),
    plain("sheet-that-ends-early", _sheet(lambda data: data[: len(data) // 2]), DAMAGED, "xlsx"),
    plain(
        "nul-in-a-cell-of-a-workbook",
        _part(STRINGS, "羊毛围巾".encode(), b"_x0000_", 400),
        taken(400, {n: "undecodable" for n in range(2, 402)}),
        "xlsx",
    ),
    plain(
        "half-a-surrogate-in-a-workbook", _part(STRINGS, "羊毛围巾".encode(), b"_xD800_"), taken(3), "xlsx"
    ),
    plain("half-a-surrogate-in-a-header", _part(STRINGS, "商家备注".encode(), b"_xD800_"), taken(3), "xlsx"),
    plain(
        "cell-too-large-in-a-workbook",
        lambda n: repacked(
            book([n.row(0, 买家留言="@@@@"), n.row(1)]),
            {STRINGS: lambda d: d.replace(b"@@@@", b"x" * 40_000)},
        ),
        taken(2, {2: "cell_too_large"}),
        "xlsx",
    ),
    plain(
        "errors-in-cells",
        lambda n: book(
            [
                n.row(0) | {"订单应付金额": Formula("=1/0", "#DIV/0!"), "买家留言": Formula("=A0", "#NAME?")},
                n.row(1),
            ]
        ),
        taken(2, {2: "formula_without_value"}),
        "xlsx",
    ),
    plain("workbook-cut-off", lambda n: book(n.rows(30))[:-200], refused("truncated"), "xlsx"),
    plain(
        "workbook-cut-in-half",
        lambda n: (data := book(n.rows(30)))[: len(data) // 2],
        refused("truncated"),
        "xlsx",
    ),
    plain(
        "two-hundred-and-one-columns",
        lambda n: xlsx({"S": [[*row, *[None] * 170, "x"] for row in grid(n.rows(2))]}),
        refused("too_many_columns"),
        "xlsx",
    ),
    plain("workbook-of-nothing", lambda _: xlsx({"S": []}), refused("no_rows"), "xlsx"),
    plain("workbook-of-a-header", lambda n: book([]), refused("no_rows"), "xlsx"),
    plain(
        "header-twice-in-a-sheet",
        lambda n: xlsx({"S": [*grid(n.rows(2)), *grid(n.rows(2, 2))]}),
        taken(5, {4: "id_invalid"}),
        "xlsx",
    ),
)
