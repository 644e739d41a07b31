"""Quantities: whole numbers of at least one."""

from __future__ import annotations

from tests.torture.declaration import Case
from tests.torture.making import Code, book, cell_verdict, cells, plain

BAD = Code("quantity_invalid")
TEXTS = {
    "1": 1, "2.0": 2, "1,000": 1_000, "\t3": 3, "'4": 4, "５": 5, "-": None, "": None,
    "2147483647": 2**31 - 1, "0": BAD, "-1": BAD, "1.5": BAD, "abc": BAD, "一": BAD, "1e3": BAD, "NaN": BAD,
    "inf": BAD, "2147483648": BAD, "9" * 30: BAD, "1件": BAD, "1 2": BAD, "1;2": BAD, "0x2": BAD, "٢": BAD,
    "1,00": BAD, "=1": BAD, "½": BAD,
}  # fmt: skip
NUMBERS = {1: 1, 2.0: 2, 0: BAD, -1: BAD, 1.5: BAD, 1e20: BAD, 3: 3}

CASES: tuple[Case, ...] = (
    cells("quantities", "商品数量", "quantity", TEXTS),
    plain(
        "quantities-as-numbers",
        lambda n: book([n.row(k) | {"商品数量": one} for k, one in enumerate(NUMBERS)]),
        cell_verdict("quantity", NUMBERS),
        "xlsx",
    ),
)
