"""At which moment a state is judged, whose orders count, and what an answer looks like."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from shopdata.errors import BadUsage
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from tests.metrics.world import AS_OF, FIRST, World, import_row, order_row, shop_row, simple_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = FIRST + timedelta(days=10, hours=12)


def total(world: World, now: datetime | None = None, **scope: Any) -> Any:
    return metric_table(world.stored(now), Scope(**scope)).total


def test_an_order_no_newer_file_showed_is_judged_at_its_own_as_of() -> None:
    october = NOON + 24 * HOUR
    order = order_row("1", NOON, paid_at=NOON, as_of=october)
    found = total(simple_world([order]))
    assert (found["ship_48h_rate_d"], found["ship_48h_rate_pending"]) == (0, 1)


def test_a_newer_after_sale_file_does_not_make_orders_overdue() -> None:
    as_of = NOON + 24 * HOUR
    world = simple_world([order_row("1", NOON, paid_at=NOON, as_of=as_of)])
    world.imports[0] |= {"as_of": as_of, "last_at": as_of}
    assert total(world)["ship_48h_rate_d"] == 0


def test_a_fixed_now_replaces_the_as_of() -> None:
    as_of = NOON + 24 * HOUR
    world = simple_world([order_row("1", NOON, paid_at=NOON, as_of=as_of)])
    world.imports[0] |= {"as_of": as_of, "last_at": as_of}
    assert total(world, now=NOON + 72 * HOUR)["ship_48h_rate_d"] == 1


def test_an_undone_import_proves_nothing() -> None:
    world = simple_world([order_row("1", NOON, paid_at=NOON)])
    world.imports[1]["undone_at"] = AS_OF
    assert total(world)["refund_amount"] is None


def test_sample_shops_leave_the_figures_once_a_real_import_stands() -> None:
    orders = [order_row("1", NOON), order_row("2", NOON, shop_id=2)]
    world = simple_world(orders)
    world.shops.append(shop_row(2, is_sample=True))
    world.imports.append(import_row("orders", shop_id=2))
    assert total(world)["orders_placed"] == 1
    assert total(world, shops=(2,))["orders_placed"] == 1
    world.imports = [row for row in world.imports if row["shop_id"] == 2]
    assert total(world, shops=(2,))["orders_placed"] == 1


def test_refund_rates_by_moment_add_up() -> None:
    def order(number: str, applied: float, **more: Any) -> Any:
        at = NOON + applied * HOUR
        return order_row(number, NOON, paid_at=NOON, is_refunded=True, refund_applied_at=at, **more)

    shipped: Any = {"shipped_at": NOON + 10 * HOUR}
    orders = [
        order("1", 0.5),
        order("2", 20, **shipped),
        order("3", 90, **shipped, signed_at=NOON + 80 * HOUR),
        order_row("4", NOON, paid_at=NOON),
    ]
    found = total(simple_world(orders))
    parts = [found[f"refund_rate_{name}"] for name in ("unshipped", "unsigned", "signed")]
    assert parts == [0.25, 0.25, 0.25]
    assert sum(parts) == found["refund_rate"]
    assert found["refund_rate_1h"] == 0.25


def test_a_cohort_by_payment_has_no_ratio_over_placed_orders() -> None:
    found = total(simple_world([order_row("1", NOON, paid_at=NOON)]), basis="paid")
    assert found["pay_rate"] is None
    assert found["dispute_rate"] is None
    assert found["dispute_rate_paid"] == 0.0


def test_a_pending_deposit_waits_and_is_not_lost() -> None:
    orders = [order_row("1", NOON, deposit_pending=True), order_row("2", NOON, paid_at=NOON)]
    found = total(simple_world(orders))
    assert found["pay_rate"] == 0.5
    assert (found["pay_rate_matured"], found["pay_rate_pending"]) == (1.0, 1)


def test_unknown_payment_is_neither_paid_nor_unpaid() -> None:
    found = total(simple_world([order_row("1", NOON, is_paid=None, is_closed=True)]))
    assert (found["orders_placed"], found["orders_paid"], found["orders_unpaid"]) == (1, 0, 0)


def test_numbers_are_json_numbers_and_the_document_has_the_contracts_frame() -> None:
    store = simple_world([order_row("1", NOON, paid_at=NOON, source="live")]).stored()
    day = NOON.date()
    document = metric_table(store, Scope(start=day, end=day), by="source").as_json()
    assert json.loads(json.dumps(document)) == document
    assert document["from"] == document["to"] == day.isoformat()
    assert (document["by"], document["currency"]) == ("source", "CNY")
    assert document["data_up_to"] == AS_OF.isoformat()
    assert (document["rows"][0]["key"], document["rows"][0]["label"]) == ("live", "直播")


def test_an_unknown_metric_or_dimension_is_bad_usage() -> None:
    store = simple_world([]).stored()
    with pytest.raises(BadUsage):
        metric_table(store, Scope(), keys=("nonsense",))
    with pytest.raises(BadUsage):
        metric_table(store, Scope(), by="nonsense")


def test_an_empty_store_answers_with_nulls() -> None:
    table = metric_table(World().stored(), Scope(), by="day")
    assert table.rows == ()
    assert set(table.total.values()) == {None}


def test_a_repeat_is_answered_from_memory_until_the_store_changes() -> None:
    world = simple_world([order_row("1", NOON)])
    store = world.stored()
    first = metric_table(store, Scope())
    assert metric_table(store, Scope()) is first
    store.version += 1
    assert metric_table(store, Scope()) is not first
