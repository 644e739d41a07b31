"""Rows that stand in a file more than once."""

from __future__ import annotations

from tests.torture.declaration import Case, refused, taken
from tests.torture.making import book, csv, grid, plain, xlsx

NEWER = {"订单完成时间": "2026-10-20 20:00:00"}

CASES: tuple[Case, ...] = (
    plain("rows-twice-alike", lambda n: csv([*n.rows(3), *n.rows(3)]), taken(6, repeats=3)),
    plain("a-row-a-thousand-times", lambda n: csv(n.rows(1) * 1_000), taken(1_000, repeats=999)),
    plain(
        "rows-twice-otherwise",
        lambda n: csv([n.row(0), n.row(1), n.row(0, **NEWER)]),
        taken(3, {2: "conflicting_duplicate"}),
    ),
    plain(
        "rows-three-times-otherwise",
        lambda n: csv([n.row(0, **NEWER), n.row(0), n.row(0, 商品数量="2"), n.row(0, **NEWER)]),
        taken(4, {3: "conflicting_duplicate", 4: "conflicting_duplicate"}, repeats=1),
    ),
    plain(
        "rows-twice-in-two-sheets",
        lambda n: xlsx({"一": grid(n.rows(3)), "二": grid(n.rows(3, 1))}),
        taken(6, repeats=2),
        "xlsx",
    ),
    plain(
        "rows-twice-one-broken",
        lambda n: book([n.row(0), n.row(0, 订单应付金额="x")]),
        taken(2, {3: "amount_invalid"}),
        "xlsx",
    ),
    plain(
        "two-kinds-in-one-workbook",
        lambda n: xlsx(
            {
                "一": grid(n.rows(2)),
                "二": [
                    ["运单号", "订单编号", "快递公司", "发货时间", "签收时间"],
                    ["SF1", n.order_id(0), "顺丰", "2026-10-05", ""],
                ],
            }
        ),
        refused("format_ambiguous"),
        "xlsx",
    ),
)
