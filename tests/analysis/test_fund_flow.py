"""Statements of accounts: opening + in − out = closing to the fen, breaks at their row, scenes by meaning."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

from shopdata.analysis.fund_flow import Account, fund_flow, stated
from shopdata.analysis.fund_summary import fund_summary
from shopdata.scope import Scope
from shopdata.store.tables import FUNDS, SETTLEMENTS
from tests.analysis.test_fund_check import move
from tests.metrics.world import MemoryStore, Row, simple_world

AT = datetime(2026, 10, 10, 8)
DAY = timedelta(days=1)


def row(key: str, amount: int, scene: str | None, days: int = 0, **more: object) -> Row:
    known: Row = {
        "shop_id": 1,
        "flow_key": key,
        "flow_id": key,
        "moved_at": AT + days * DAY,
        "account": "main",
    }
    direction = "in" if amount > 0 else "out"
    return (
        known
        | {"amount": abs(amount), "direction": direction, "scene": scene, "scene_raw": f"raw {scene}"}
        | more
    )


def flowing(rows: list[Row]) -> MemoryStore:
    store = simple_world([]).stored()
    store.add(FUNDS.table, rows)
    return store


def test_a_whole_flow_closes_to_the_fen_in_any_order_of_equal_times() -> None:
    rows = [move("a", 700, balance=1_700), move("b", -200, balance=1_500), move("c", 50, balance=1_550)]
    later = move("d", -50, days=1, balance=1_500)
    for order in permutations(rows):
        assert stated([later, *order]) == (Account(1, "main", 1_000, 750, 250, 1_500, ()),)


def test_a_break_is_found_at_its_row_with_what_is_missing() -> None:
    rows = [move(f"m{n}", 100, days=n, balance=1_000 + 100 * n) for n in range(6)]
    lost = [one for one in rows if one.key != "m3"]
    (found,) = stated(lost)
    assert [(one.movement.key, one.expected, one.difference) for one in found.breaks] == [("m4", 1_200, 100)]
    assert (found.opening, found.came_in, found.closing, found.difference) == (900, 500, 1_500, 100)


def test_a_break_among_rows_of_one_moment_is_found_at_its_row() -> None:
    rows = [move("a", 700, balance=1_700), move("x", 10, balance=1_650), move("b", -200, balance=1_500)]
    (found,) = stated([*rows, move("end", 1, days=1, balance=1_651)])
    assert [one.movement.key for one in found.breaks] == ["x"]


def test_every_scene_has_its_line_and_its_meaning_and_withdrawals_are_no_cost() -> None:
    store = flowing(
        [
            row("a", 9_000, "settlement"), row("b", 1_000, "settlement"), row("c", -300, "insurance"),
            row("d", -50, "small_payment"), row("e", -5_000, "withdrawal"), row("f", -2_000, "advertising"),
            row("g", -7, None, scene_raw="raw mystery"), row("h", -40, "compensation"),
            row("i", -1, "deposit"),
        ]
    )  # fmt: skip
    flow = fund_flow(store, Scope())
    roles = {
        role: {one.scene: one.net for one in flow.of_role(role)} for role in ("of_orders", "cost", "transfer")
    }
    assert roles == {
        "of_orders": {"settlement": 10_000},
        "cost": {"insurance": -300, "small_payment": -50, "compensation": -40},
        "transfer": {"withdrawal": -5_000, "advertising": -2_000, "deposit": -1},
    }
    (odd,) = flow.of_role("unknown")
    assert (odd.scene_raw, odd.went_out, odd.rows_out) == ("raw mystery", 7, 1)
    (account,) = flow.accounts
    assert (account.opening, account.came_in, account.went_out, account.difference) == (
        None,
        10_000,
        7_398,
        None,
    )


def test_the_statement_of_a_period_begins_and_ends_with_its_rows() -> None:
    rows = [row(f"r{n}", 100, "settlement", n, balance=1_000 + 100 * n) for n in range(5)]
    day = (AT + 2 * DAY).date()
    (found,) = fund_flow(flowing(rows), Scope(start=day, end=day + DAY)).accounts
    assert (found.opening, found.came_in, found.closing, found.difference) == (1_100, 200, 1_300, 0)


def billed(key: str, amount: int, days: int = 0, shop: int = 1) -> Row:
    known = {"shop_id": shop, "settlement_id": key, "order_id": key, "line_id": f"{key}-1"}
    return known | {"settled_at": AT + days * DAY, "settled_amount": amount}


def test_bill_and_flow_are_compared_on_the_days_both_tell() -> None:
    """One entry is in the flow, one of another amount, one nowhere; one is older than the flow."""
    store = flowing(
        [
            row("p1", 9_000, "settlement", order_id="1", line_id="1-1"),
            row("p2", 8_999, "settlement", 1, order_id="2", line_id="2-1"),
            row("w", -5_000, "withdrawal", 5),
        ]
    )
    entries = [billed("1", 9_000), billed("2", 9_000, 1), billed("3", 500, 2), billed("0", 700, -9)]
    store.add(SETTLEMENTS.table, [*entries, billed("other", 1, shop=2)])
    found = fund_summary(store, Scope())
    assert found is not None
    assert (found.found, found.found_amount) == (1, 9_000)
    assert sorted(one.key for one in found.missing) == ["2", "3"]
    assert [(one.rows, one.amount) for one in found.left] == [(1, 8_999)]


def test_without_both_files_nothing_is_compared() -> None:
    assert fund_summary(flowing([row("p1", 9_000, "settlement")]), Scope()) is None
