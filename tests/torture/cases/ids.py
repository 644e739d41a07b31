"""Ids that a program rounded, wrapped, cut or made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.torture.declaration import Case, Numbers, taken
from tests.torture.making import Code, Formula, book, cell_verdict, csv, plain

LOST, MISSING, INVALID = Code("id_precision_lost"), Code("id_missing"), Code("id_invalid")
COLUMN = "子订单编号"
Wrap = Callable[[str], Any]

# Everything exports and spreadsheets put around an id; each must give the id back digit for digit.
WRAPPED: Mapping[str, Wrap] = {
    "bare": str,
    "tab before": "\t{}".format,
    "tab behind": "{}\t".format,
    "both": "\t {} \t".format,
    "apostrophe": "'{}".format,
    "tab and apostrophe": "\t'{}".format,
    "formula": '="{}"'.format,
    "quotes": '"{}"'.format,
    "backtick": "`{}".format,
    "full-width blank": "\u3000{}\u3000".format,
    "no-break blank": "\u00a0{}".format,
    "unseen letter": "\u200b{}\u200b".format,
    "bom": "\ufeff{}".format,
    "full-width digits": lambda one: one.translate({48 + n: 0xFF10 + n for n in range(10)}),
    "line break": "{}\n".format,
}
BROKEN: Mapping[str, Code] = {
    "6.91793E+18": LOST, "6.9179267688236E18": LOST, "6,91793E+18": LOST, "-6.9E+18": LOST, "6.9e18": LOST,
    "6917926768823643751.0": LOST, "6917926768823643751.5": LOST, "１.5E+18": LOST,
    "": MISSING, "-": MISSING, " ": MISSING, "\t": MISSING, '=""': MISSING, "null": MISSING, "N/A": MISSING,
    "nan": INVALID, "合计": INVALID, "0": INVALID, "12345": INVALID, "-6917926768823643751": INVALID,
    "0x6917926768823643": INVALID, "6917 9267 6882 3643": INVALID, "6917926768823643751;x": INVALID,
    "٦٩١٧٩٢٦٧٦٨٨٢": INVALID, "9" * 33: INVALID, "691792676882364375A1": INVALID, "#REF!": INVALID,
    "'; DROP TABLE orders;--": INVALID,
    "../../etc/passwd": INVALID, "691792676882364375\u202e1": INVALID,
}  # fmt: skip


def _wrapped(numbers: Numbers) -> list[dict[str, Any]]:
    return [
        numbers.row(place, **{COLUMN: wrap(numbers.line_id(place))})
        for place, wrap in enumerate(WRAPPED.values())
    ]


def _broken(column: str) -> Callable[[Numbers], list[dict[str, Any]]]:
    return lambda n: [n.row(place, **{column: one}) for place, one in enumerate(BROKEN)]


def _zeroed(count: int, zeroed: int) -> Callable[[Numbers], bytes]:
    """Ids written out after a program kept fifteen digits of them."""
    return lambda n: csv(
        [
            n.row(k, **({COLUMN: f"{n.line_id(k)[:2]}{k + 1:013d}0000"} if k < zeroed else {}))
            for k in range(count)
        ]
    )


# Cells of a workbook that are no text: value → what becomes of the row.
NUMBERS: Mapping[Any, Code] = {
    6917926768823643751: LOST, 6.917926768823644e18: LOST, 1e15: LOST, 123456.5: LOST, -5: INVALID,
    0: INVALID, True: INVALID, datetime(2026, 10, 5): INVALID,
    Formula("=6917926768823643751+0", 6.917926768823644e18): LOST,
    Formula("=1/0", "#DIV/0!"): Code("formula_without_value"),
}  # fmt: skip

CASES: tuple[Case, ...] = (
    plain("ids-wrapped", lambda n: csv(_wrapped(n)), taken(len(WRAPPED))),
    plain("ids-wrapped-in-a-workbook", lambda n: book(_wrapped(n)), taken(len(WRAPPED)), "xlsx"),
    plain("ids-broken", lambda n: csv(_broken(COLUMN)(n)), cell_verdict("line_id", BROKEN)),
    plain(
        "ids-broken-in-a-workbook",
        lambda n: book(_broken(COLUMN)(n)),
        cell_verdict("line_id", BROKEN),
        "xlsx",
    ),
    plain("order-ids-broken", lambda n: csv(_broken("主订单编号")(n)), cell_verdict("line_id", BROKEN)),
    plain("ids-zeroed", _zeroed(20, 20), taken(20, {n: "id_precision_lost" for n in range(2, 22)})),
    plain("one-id-that-ends-in-zeros", lambda n: csv([n.row(k) for k in range(30)]), taken(30)),
    plain(
        "ids-as-numbers",
        lambda n: book([n.row(k, **{COLUMN: one}) for k, one in enumerate(NUMBERS)]),
        cell_verdict("line_id", NUMBERS),
        "xlsx",
    ),
    plain(
        "every-id-a-number",
        lambda n: book(
            [n.row(k) | {COLUMN: int(n.line_id(k)), "主订单编号": int(n.order_id(k))} for k in range(9)]
        ),
        taken(9, {n: "id_precision_lost" for n in range(2, 11)}),
        "xlsx",
    ),
    plain(
        "ids-of-fifteen-digits-as-numbers",
        lambda n: book([n.row(k) | {"商品ID": 360123456789012} for k in range(3)]),
        taken(3, stored={0: {"product_id": "360123456789012"}}),
        "xlsx",
    ),
)
