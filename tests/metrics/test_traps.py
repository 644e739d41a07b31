"""The traps that have caught real products, one test each."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from tests.metrics.world import AS_OF, FIRST, World, import_row, line_row, order_row, shop_row, simple_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = FIRST + timedelta(days=10, hours=12)


def total(world: World, now: datetime | None = None, **scope: Any) -> Any:
    return metric_table(world.stored(now), Scope(**scope)).total


def test_amounts_are_not_multiplied_by_the_lines_of_an_order() -> None:
    order = order_row("1", NOON, paid_at=NOON, lines=3, units=3, paid_amount=9_000, payable_amount=9_000)
    world = simple_world([order])
    parts = {"paid_amount": 3_000, "payable_amount": 3_000}
    world.lines = [line_row(order, n, product_id=f"p{n}", **parts) for n in (1, 2, 3)]
    table = metric_table(world.stored(), Scope(), by="product")
    assert table.total["paid_amount"] == 9_000
    assert [row["paid_amount"] for row in table.rows] == [3_000, 3_000, 3_000]


def test_an_order_counts_once_in_each_of_its_keys_and_once_in_the_total() -> None:
    order = order_row("1", NOON, paid_at=NOON, lines=2, source="mixed", paid_amount=500, payable_amount=500)
    world = simple_world([order])
    world.lines = [
        line_row(order, 1, source="live", paid_amount=300),
        line_row(order, 2, source="product_card", paid_amount=200),
    ]
    table = metric_table(world.stored(), Scope(), by="source")
    assert {row.key: (row["orders_placed"], row["paid_amount"]) for row in table.rows} == {
        "live": (1, 300),
        "product_card": (1, 200),
    }
    assert table.total["orders_placed"] == 1


def test_money_on_the_order_row_is_allocated_to_lines_to_the_fen() -> None:
    order = order_row("1", NOON, paid_at=NOON, lines=3, paid_amount=1_000, payable_amount=1_000)
    world = simple_world([order])
    world.lines = [
        line_row(order, n, paid_amount=None, payable_amount=None, unit_price=100, product_id=f"p{n}")
        for n in (1, 2, 3)
    ]
    rows = metric_table(world.stored(), Scope(), by="product").rows
    assert sorted(row["paid_amount"] or 0 for row in rows) == [333, 333, 334]


def test_totals_are_sums_over_sums_never_averages_of_averages() -> None:
    first = [order_row(f"a{n}", NOON, paid_at=NOON) for n in range(9)]
    refunded = {"is_refunded": True, "refund_applied_at": NOON + 2 * DAY}
    second = [order_row("b0", NOON + DAY, paid_at=NOON + DAY, **refunded)]
    assert total(simple_world(first + second))["refund_rate"] == pytest.approx(1 / 10)


def test_a_young_cohort_is_pending_not_a_low_rate() -> None:
    refunds = [n < 3 for n in range(10)]
    old = [
        order_row(f"o{n}", NOON, paid_at=NOON, is_refunded=refunded, refund_applied_at=NOON)
        for n, refunded in enumerate(refunds)
    ]
    young = [order_row(f"y{n}", AS_OF - HOUR, paid_at=AS_OF - HOUR) for n in range(10)]
    found = total(simple_world(old + young))
    assert found["refund_rate"] == pytest.approx(3 / 20)
    assert found["refund_rate_matured"] == pytest.approx(3 / 10)
    assert found["refund_rate_pending"] == 10


def test_a_flat_48_hours_is_not_used_where_a_promise_was_given() -> None:
    paid = NOON
    order = order_row("1", NOON, paid_at=paid, shipped_at=paid + 60 * HOUR, promised_ship_at=paid + 72 * HOUR)
    found = total(simple_world([order]))
    assert (found["ship_48h_rate"], found["ship_promise_rate"]) == (0.0, 1.0)


def test_unshipped_and_overdue_is_a_failure_and_a_late_refund_does_not_hide_it() -> None:
    late = order_row("1", NOON, paid_at=NOON)
    refunded_late = order_row(
        "2", NOON, paid_at=NOON, is_refunded=True, is_closed=True, refund_applied_at=NOON + 60 * HOUR
    )
    refunded_early = order_row(
        "3", NOON, paid_at=NOON, is_refunded=True, is_closed=True, refund_applied_at=NOON + 5 * HOUR
    )
    found = total(simple_world([late, refunded_late, refunded_early]))
    assert (found["ship_48h_rate_n"], found["ship_48h_rate_d"]) == (0, 2)


def test_presale_is_outside_48_hours_and_inside_the_promise() -> None:
    order = order_row("1", NOON, paid_at=NOON, is_presale=True, promised_ship_at=NOON + 100 * HOUR)
    found = total(simple_world([order]))
    assert found["ship_48h_rate_d"] == 0
    assert found["ship_48h_rate"] is None
    assert found["ship_promise_rate_d"] == 1


def test_completed_is_not_signed() -> None:
    order = order_row("1", NOON, paid_at=NOON, shipped_at=NOON + HOUR, completed_at=NOON + 5 * DAY)
    found = total(simple_world([order], kinds=("orders", "aftersales")))
    assert found["ship_to_sign_hours_mean"] is None
    assert found["orders_signed"] is None
    assert found["ship_to_complete_hours_mean"] == pytest.approx(119)


def test_a_missing_file_is_null_and_named_never_zero() -> None:
    world = simple_world([order_row("1", NOON, paid_at=NOON)], kinds=("orders",))
    table = metric_table(world.stored(), Scope())
    wanted = dict.fromkeys(("refund_amount", "net_amount", "return_rate", "orders_returned"), "aftersales")
    wanted |= {"orders_signed": "parcels", "commission_estimated": "commissions"}
    wanted |= {"settled_amount": "settlements"}
    for key, kind in wanted.items():
        assert (table.total[key], table.missing[key]) == (None, kind)
    assert table.total["orders_refunded"] == 0


def test_a_missing_column_is_null_and_its_file_is_named() -> None:
    world = simple_world([order_row("1", NOON, paid_at=NOON)])
    world.imports[0]["columns"] = json.dumps(["order_id", "status", "paid_at"])
    table = metric_table(world.stored(), Scope())
    assert (table.total["ship_48h_rate"], table.missing["ship_48h_rate"]) == (None, "orders")


def test_a_shop_without_after_sales_makes_the_sum_unknown_but_not_the_other_shop() -> None:
    orders = [order_row("1", NOON, paid_at=NOON), order_row("2", NOON, paid_at=NOON, shop_id=2)]
    world = simple_world(orders)
    world.shops.append(shop_row(2))
    world.imports.append(import_row("orders", shop_id=2))
    table = metric_table(world.stored(), Scope(), by="shop")
    assert table.total["refund_amount"] is None
    assert {row.key: row["refund_amount"] for row in table.rows} == {"1": 0, "2": None}


def test_a_closed_after_sale_is_no_refund() -> None:
    order = order_row("1", NOON, paid_at=NOON)
    world = simple_world([order])
    row = {"shop_id": 1, "aftersale_id": "a", "order_id": "1", "line_id": "1-1", "kind": "return_refund"}
    row |= {"status": "closed", "applied_at": NOON, "refund_amount": 500, "dispute": False}
    world.aftersales = [row]
    found = total(world, basis="event")
    assert (found["refund_amount"], found["orders_refunded"]) == (0, 0)


def test_refunds_of_a_cohort_count_whenever_they_happen_and_by_event_on_their_day() -> None:
    order = order_row(
        "1", NOON, paid_at=NOON, is_refunded=True, refund_amount=700, refunded_at=NOON + 20 * DAY
    )
    world = simple_world([order])
    row = {"shop_id": 1, "aftersale_id": "a", "order_id": "1", "line_id": "1-1", "kind": "refund_shipped"}
    world.aftersales = [
        row | {"status": "refunded", "applied_at": NOON, "refunded_at": NOON + 20 * DAY, "refund_amount": 700}
    ]
    store, day = world.stored(), NOON.date()
    refunds = {
        (basis, when): metric_table(store, Scope(start=when, end=when, basis=basis)).total["refund_amount"]
        for basis in ("placed", "event")
        for when in (day, day + 20 * DAY)
    }
    assert refunds == {
        ("placed", day): 700,
        ("placed", day + 20 * DAY): 0,
        ("event", day): 0,
        ("event", day + 20 * DAY): 700,
    }


def test_pending_sources_are_their_own_row_and_nothing_is_other() -> None:
    orders = [order_row("1", NOON, source="pending"), order_row("2", NOON, source=None)]
    rows = metric_table(simple_world(orders).stored(), Scope(), by="source").rows
    assert [row.key for row in rows] == ["pending", "unknown"]


def test_own_sales_without_a_commission_row_stay() -> None:
    orders = [order_row("1", NOON, paid_at=NOON), order_row("2", NOON, paid_at=NOON)]
    world = simple_world(orders, kinds=("orders", "commissions"))
    world.commissions = [
        {"shop_id": 1, "party": "influencer", "party_id": "s", "line_id": "1-1", "commission_estimated": 900}
    ]
    found = total(world)
    assert (found["orders_paid"], found["paid_amount"], found["commission_estimated"]) == (2, 20_000, 900)
    assert found["commission_rate_estimated"] == pytest.approx(900 / 10_000)


def test_days_without_orders_are_zero_and_days_without_a_file_are_null() -> None:
    world = simple_world([order_row("1", NOON, paid_at=NOON)])
    world.imports[0] |= {"first_at": NOON - DAY, "last_at": NOON + DAY}
    day = NOON.date()
    rows = metric_table(world.stored(), Scope(start=day - 2 * DAY, end=day + DAY), by="day").rows
    assert [row["orders_placed"] for row in rows] == [None, 0, 1, 0]
    assert [row["pay_rate"] for row in rows] == [None, None, 1.0, None]


def test_negative_durations_are_left_out() -> None:
    orders = [
        order_row("1", NOON, paid_at=NOON, shipped_at=NOON + 10 * HOUR),
        order_row("2", NOON, paid_at=NOON, shipped_at=NOON - 100 * HOUR),
    ]
    found = total(simple_world(orders))
    assert (found["pay_to_ship_hours_mean"], found["pay_to_ship_hours_n"]) == (10.0, 1)


def test_a_day_is_the_shops_wall_clock_day() -> None:
    late = datetime(2026, 7, 5, 23, 59, 59)
    rows = metric_table(simple_world([order_row("1", late)]).stored(), Scope(), by="day").rows
    assert [row.key for row in rows if row["orders_placed"]] == ["2026-07-05"]


def test_two_currencies_have_no_common_total() -> None:
    orders = [
        order_row("1", NOON, paid_at=NOON),
        order_row("2", NOON, paid_at=NOON, shop_id=2, currency="USD"),
    ]
    world = simple_world(orders)
    world.shops.append(shop_row(2, currency="USD"))
    world.imports += [import_row(kind, shop_id=2) for kind in ("orders", "aftersales", "parcels")]
    table = metric_table(world.stored(), Scope(), by="currency")
    assert (table.currency, table.total["paid_amount"], table.total["average_order_value"]) == (
        None,
        None,
        None,
    )
    assert table.total["orders_paid"] == 2
    assert {row.key: row["paid_amount"] for row in table.rows} == {"CNY": 10_000, "USD": 10_000}


def test_where_no_file_tells_of_refunds_nothing_was_not_refunded() -> None:
    world = simple_world([order_row("1", NOON, paid_at=NOON)], kinds=("orders",))
    world.imports[0]["columns"] = json.dumps(["order_id", "status", "paid_at"])
    table = metric_table(world.stored(), Scope())
    for key in ("orders_refunded", "refund_rate"):
        assert (table.total[key], table.missing[key]) == (None, "aftersales")


def test_a_refund_of_a_signed_order_at_an_unknown_time_is_not_one_before_receipt() -> None:
    told = {"paid_at": NOON, "shipped_at": NOON + HOUR, "is_refunded": True, "refund_amount": 5}
    orders = [order_row("1", NOON, **told, signed_at=NOON + DAY), order_row("2", NOON, **told)]
    kinds = ("orders", "aftersales", "parcels")
    found = total(simple_world(orders, kinds=kinds), basis="paid")
    legs = [found[f"refund_rate_{leg}_n"] for leg in ("unshipped", "unsigned", "signed")]
    assert (legs, found["refund_rate_n"]) == ([0, 1, 1], 2)


def test_what_other_files_date_after_the_last_order_file_stands_in_row_and_total_alike() -> None:
    order = order_row("1", NOON, paid_at=NOON, is_refunded=True, refund_amount=700)
    world = simple_world([order])
    world.imports[0] |= {"as_of": NOON + 2 * DAY, "last_at": NOON + 2 * DAY}
    back = NOON + 8 * DAY
    world.aftersales = [
        {"shop_id": 1, "aftersale_id": "a", "order_id": "1", "line_id": "1-1", "kind": "refund_shipped",
         "status": "refunded", "applied_at": NOON, "refunded_at": back, "refund_amount": 700}
    ]  # fmt: skip
    days = Scope(start=back.date(), end=back.date(), basis="event")
    for by in ("day", "shop"):
        table = metric_table(world.stored(), days, by=by)
        for values in (table.total, table.rows[0].values):
            told = values["refund_amount"], values["orders_placed"], values["paid_amount"]
            assert told == (700, None, None)


def test_a_shop_whose_commission_file_tells_no_estimates_has_no_part_in_them() -> None:
    orders = [order_row("1", NOON, paid_at=NOON), order_row("2", NOON, paid_at=NOON, shop_id=2)]
    world = simple_world(orders, kinds=("orders", "aftersales", "commissions"))
    world.shops.append(shop_row(2, platform="taobao"))
    settled = json.dumps(["line_id", "commission_settled", "settled_at"])
    world.imports += [
        import_row("orders", shop_id=2),
        import_row("commissions", shop_id=2, columns=settled),
    ]
    row = {
        "party": "influencer",
        "party_id": "i",
        "status": "settled",
        "paid_at": NOON,
        "settled_at": NOON + DAY,
    }
    for number, estimate in ((1, 900), (2, None)):
        paid = next(line["paid_amount"] for line in world.lines if line["line_id"] == f"{number}-1")
        world.commissions.append(
            row | {"shop_id": number, "line_id": f"{number}-1", "paid_amount": paid,
                   "commission_estimated": estimate, "commission_settled": 800, "settled_base": paid}
        )  # fmt: skip
    table = metric_table(world.stored(), Scope(basis="paid"), by="platform")
    told = {row.key: row["commission_estimated"] for row in table.rows}
    assert told == {"douyin": 900, "taobao": None}
    base = next(line["paid_amount"] for line in world.lines if line["shop_id"] == 1)
    assert table.total["commission_estimated"] == 900
    assert table.total["commission_rate_estimated"] == pytest.approx(900 / base)
