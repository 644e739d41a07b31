"""Buyers: repurchase, cohorts, segments and remarks against plain Python, on worlds with planted answers."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean

import numpy as np
import pytest
from sqlalchemy import insert, literal, select

from shopdata.analysis.buyer_cohorts import cohorts
from shopdata.analysis.buyer_lists import members
from shopdata.analysis.buyer_segments import segments
from shopdata.analysis.buyer_values import FREQUENT_DAYS, HIGH_ORDER, RECENT_DAYS, SEGMENTS
from shopdata.analysis.buyers import shop_buyers
from shopdata.analysis.remark_examples import carries, impersonal
from shopdata.analysis.remarks import remarks
from shopdata.analysis.repurchase import WITHIN, repurchase
from shopdata.analysis.resampling import of_sums, one_by_one, resampled
from shopdata.errors import BadUsage
from shopdata.imports.buyer_settings import RemarkTag
from shopdata.imports.erasing import buyers_key
from shopdata.metrics.intervals import wilson
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store import tables
from shopdata.store.engine_duckdb import keyed_hash
from shopdata.words import words
from tests.analysis.buyer_world import (
    BEGIN,
    DAY,
    END,
    Bought,
    bought,
    days_of,
    months_after,
    within,
    world_of,
)
from tests.metrics.world import MemoryStore, World, import_row, line_row, order_row, shop_row

ORDERS = bought()


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    return world_of(ORDERS).stored()


def test_repurchase_equals_a_plain_count_and_not_the_naive_rate(store: MemoryStore) -> None:
    found = {row.days: row for row in repurchase(store, Scope()).rows}
    buyers = days_of(ORDERS)
    for days in WITHIN:
        hits, observed = within(ORDERS, days)
        assert (found[days].n, found[days].d, found[days].young) == (hits, observed, len(buyers) - observed)
        assert found[days].bounds == wilson(hits, observed)
        naive = sum(len(b) > 1 and b[1] - b[0] <= days * DAY for b in buyers.values()) / len(buyers)
        assert (found[days].rate or 0) > naive + 0.01, "buyers not yet observed must not count as lost"


def test_the_planted_share_of_returning_buyers_lies_in_the_interval(store: MemoryStore) -> None:
    """Who returns does so evenly after 5 to 85 days, with 40 %."""
    low, high = repurchase(store, Scope()).rows[2].bounds or (1, 0)
    assert low < 0.4 < high


def test_two_orders_of_one_day_are_no_return() -> None:
    twice = [Bought("a", BEGIN, 100), Bought("a", BEGIN + timedelta(hours=3), 100)]
    found = repurchase(world_of(twice).stored(), Scope())
    assert (found.returned, [row.n for row in found.rows]) == (0, [0, 0, 0])


def test_the_period_picks_first_purchases_and_still_sees_what_came_after(store: MemoryStore) -> None:
    asked = Scope(start=date(2026, 4, 1), end=date(2026, 4, 30))
    of_april = {
        buyer
        for buyer, times in days_of(ORDERS).items()
        if asked.start <= times[0].date() <= asked.end  # type: ignore[operator]
    }
    theirs = [one for one in ORDERS if one.buyer in of_april]
    found = repurchase(store, asked)
    assert (found.buyers, [(row.n, row.d) for row in found.rows]) == (
        len(of_april),
        [within(theirs, days) for days in WITHIN],
    )


def test_cohorts_are_a_triangle_with_blanks_where_nothing_was_observed(store: MemoryStore) -> None:
    found = cohorts(store, Scope()).rows
    sizes: dict[str, int] = defaultdict(int)
    cells: dict[tuple[str, int], int] = defaultdict(int)
    for times in days_of(ORDERS).values():
        month = f"{times[0]:%Y-%m}"
        sizes[month] += 1
        for later in {months_after(times[0], time) for time in times} - {0}:
            cells[month, later] += 1
    assert [f"{row.month:%Y-%m}" for row in found] == sorted(sizes)
    for row in found:
        month = f"{row.month:%Y-%m}"
        assert row.buyers == sizes[month]
        assert len(row.later) == 9 - row.month.month, "September is whole, October is not in the data"
        assert [(cell.n, cell.d) for cell in row.later] == [
            (cells[month, later], sizes[month]) for later in range(1, len(row.later) + 1)
        ]
    for before, row in pairwise(found):
        assert len(before.later) == len(row.later) + 1


def test_a_month_that_is_not_over_stays_blank_and_never_reads_as_a_low_rate() -> None:
    cut = datetime(2026, 9, 20, 12)
    world = world_of([one for one in ORDERS if one.at <= cut])
    for one in world.imports:
        one["as_of"] = one["last_at"] = cut
    found = {f"{row.month:%Y-%m}": row for row in cohorts(world.stored(), Scope()).rows}
    assert len(found["2026-07"].later) == 1
    assert found["2026-08"].later == ()
    document = cohorts(world.stored(), Scope()).as_json()
    assert next(row for row in document["rows"] if row["key"] == "2026-08").get("month_1") is None


def test_the_month_the_data_began_in_is_marked(store: MemoryStore) -> None:
    found = cohorts(store, Scope())
    assert [row.from_before for row in found.rows] == [True] + [False] * (len(found.rows) - 1)
    known = [row.later[0] for row in found.rows[1:] if row.later]
    assert (found.total[0].n, found.total[0].d) == (sum(c.n for c in known), sum(c.d for c in known))


def plain_segments(orders: list[Bought]) -> dict[str, int]:
    """Segments by the fixed cuts, in loops."""
    worth: dict[str, int] = defaultdict(int)
    for one in orders:
        worth[one.buyer] += one.paid
    usual = mean(worth.values())
    by_states = {states: key for key, states in SEGMENTS.items()}
    counts = dict.fromkeys(SEGMENTS, 0)
    for buyer, times in days_of(orders).items():
        last = max(one.at for one in orders if one.buyer == buyer and one.at.date() == times[-1].date())
        recent = END - min(last, times[-1]) <= RECENT_DAYS * DAY
        counts[by_states[recent, len(times) >= FREQUENT_DAYS, worth[buyer] >= usual]] += 1
    return counts


def test_segments_equal_plain_cuts_and_add_up_to_all_buyers(store: MemoryStore) -> None:
    found = segments(store, Scope())
    assert {row.key: row.buyers for row in found.rows} == plain_segments(ORDERS)
    assert sum(row.buyers for row in found.rows) == found.total.buyers == len(days_of(ORDERS))
    assert sum(row.orders for row in found.rows) == len(ORDERS)
    assert found.total.paid == sum(one.paid for one in ORDERS)
    assert metric_table(store, Scope(basis="paid"), keys=("buyers",)).total["buyers"] == found.total.buyers
    assert found.cuts[0].fixed


def test_where_most_buy_again_the_cuts_are_medians() -> None:
    often = [
        Bought(f"b{n}", BEGIN + day * DAY, 1_000 * (n + 1)) for n in range(40) for day in range(n % 5 + 2)
    ]
    cuts = segments(world_of(often).stored(), Scope()).cuts[0]
    assert not cuts.fixed
    assert cuts.frequent_days == 4
    assert sum(row.buyers for row in segments(world_of(often).stored(), Scope()).rows) == 40


def test_value_is_after_refunds() -> None:
    world = world_of([Bought("a", BEGIN, 50_000), Bought("b", BEGIN, 10_000)])
    world.orders[0] |= {"is_refunded": True, "refund_amount": 50_000}
    total = segments(world.stored(), Scope()).total
    assert (total.paid, total.net) == (60_000, 10_000)


def test_who_only_took_what_cost_nothing_pushes_nobody_out_of_a_segment() -> None:
    orders = [Bought(f"b{n}", BEGIN + n * DAY, 0 if n % 4 == 0 else 100 * n) for n in range(80)]
    found = segments(world_of(orders).stored(), Scope())
    assert {row.key: row.buyers for row in found.rows} == plain_segments(orders)
    assert (found.total.buyers, found.total.paid) == (80, sum(one.paid for one in orders))


def test_the_dearest_orders_are_those_of_the_top_tenth(store: MemoryStore) -> None:
    listed = list(members(store, Scope(), HIGH_ORDER))
    paid: dict[str, list[int]] = defaultdict(list)
    for one in ORDERS:
        paid[one.buyer].append(one.paid)
    ranked = sorted(paid, key=lambda buyer: mean(paid[buyer]), reverse=True)
    assert {one.buyer_id for one in listed} == set(ranked[: len(listed)])
    assert len(listed) == segments(store, Scope()).high_order.buyers == pytest.approx(len(paid) / 10, abs=1)


def test_the_lists_of_all_segments_hold_every_buyer_once(store: MemoryStore) -> None:
    every = [one.buyer_id for segment in SEGMENTS for one in members(store, Scope(), segment)]
    assert sorted(every) == sorted(days_of(ORDERS))
    with pytest.raises(BadUsage):
        list(members(store, Scope(), "nonsense"))


def erased(store: MemoryStore, home: Path, before: datetime) -> None:
    """What erasing does to the ids of orders imported long ago."""
    store.settings = Settings(home, "duckdb:///:memory:")
    key = buyers_key(store.settings)
    orders = tables.orders
    with store.engine.begin() as connection:
        hashed = literal("#") + keyed_hash(orders.c.buyer_id, key)
        connection.execute(orders.update().where(orders.c.paid_at < before).values(buyer_id=hashed))
        left = connection.execute(select(orders.c.buyer_id).where(orders.c.buyer_id.startswith("#"))).all()
    assert left
    store.version += 1


def test_erasing_half_of_the_ids_changes_no_figure(store: MemoryStore, tmp_path: Path) -> None:
    whole = [f(store, Scope()).as_json() for f in (repurchase, cohorts, segments)]
    other = world_of(ORDERS).stored()
    erased(other, tmp_path, datetime(2026, 7, 1))
    assert [f(other, Scope()).as_json() for f in (repurchase, cohorts, segments)] == whole
    keys = ("buyers", "new_buyers", "repeat_rate")
    asked = Scope(basis="paid", start=date(2026, 7, 1), end=date(2026, 7, 31))
    after, before = (metric_table(one, asked, keys=keys).total for one in (other, store))
    assert {key: after[key] for key in keys} == {key: before[key] for key in keys}


def test_erased_ids_are_counted_and_not_listed(tmp_path: Path) -> None:
    world = world_of(ORDERS).stored()
    erased(world, tmp_path, datetime(2026, 7, 1))
    found = segments(world, Scope())
    gone = {row.key: row for row in found.rows}["gone"]
    listed = list(members(world, Scope(), "gone"))
    assert len(listed) == gone.shown < gone.buyers
    assert not [one for one in listed if one.buyer_id.startswith("#")]


def test_a_shop_without_a_key_gets_a_sentence_and_no_figure() -> None:
    store = world_of(ORDERS, platform="douyin").stored()
    (shop,) = shop_buyers(store, Scope())
    assert shop.kind == "none"
    for question in (segments, cohorts, repurchase):
        document = question(store, Scope()).as_json(words("zh"))
        assert words("zh")("analysis.buyers.none.douyin", shop="Shop 1") in document["notes"]
        assert document["total"]["buyers"] == 0
        assert all(row.get("rate") is None and not row.get("buyers") for row in document["rows"])
    assert list(members(store, Scope(), HIGH_ORDER)) == []


def test_a_buyer_of_two_shops_is_two_buyers() -> None:
    one, two = world_of(ORDERS), world_of(ORDERS, shop_id=2)
    both = World(
        *(getattr(one, name) + getattr(two, name) for name in ("shops", "imports", "orders", "lines"))
    )
    assert segments(both.stored(), Scope()).total.buyers == 2 * len(days_of(ORDERS))


GIFT = RemarkTag("gift", ("礼物", "送人"))


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("生日礼物，包好", True),
        ("不是礼物", False),
        ("请勿送人看", False),
        ("不是礼物，是送人的", True),
        ("急", False),
    ],
)
def test_a_negation_right_before_a_word_takes_the_tag_back(text: str, carried: bool) -> None:
    assert carries(text, GIFT) is carried


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("加急，电话13812345678", "13812345678"),
        ("加急 138 1234 5678", "1234"),
        ("请叫金丝雀先生收，加急", "金丝雀"),
        ("收件人：欧阳娜娜 加急", "欧阳"),
        ("祝小明明生日快乐", "小明明"),
        ("地址改到人民路99号3单元", "人民"),
        ("加微信 wx_abc123", "abc123"),
        ("转交李四，礼物", "李四"),
    ],
)
def test_examples_tell_nobody_who_a_buyer_is(text: str, secret: str) -> None:
    assert secret not in impersonal(text)


def remark_world() -> World:
    """300 orders over 30 days: 60 gifts at 300 yuan, 40 urgent at 100, the rest at 100."""
    orders, lines = [], []
    for n in range(300):
        at = BEGIN + (n % 30) * DAY
        paid = 30_000 + 100 * (n % 7) if n < 60 else 10_000 + 100 * (n % 7)
        orders.append(order_row(f"o{n}", at, paid_at=at, paid_amount=paid, as_of=END))
        note = "送人的礼物，电话13812345678" if n < 60 else "麻烦加急" if n < 100 else None
        for line in (1, 2):  # a remark stands on every line of its order
            lines.append(line_row(orders[-1], line, buyer_note=note, import_id=1))
    lines[-1]["seller_note"] = "客户说不用加急"
    return World([shop_row()], [import_row("orders", END, imported_at=END)], orders, lines)


def test_tags_count_orders_once_with_their_worth() -> None:
    found = remarks(remark_world().stored(), Scope())
    assert (found.orders, found.remarked, found.tagged) == (300, 101, 100)
    rows = {row.key: row for row in found.rows}
    assert {key: row.n for key, row in rows.items()} == {"gift": 60, "urgent": 40}
    assert rows["gift"].average is not None
    assert rows["gift"].average.value == pytest.approx(mean(30_000 + 100 * (n % 7) for n in range(60)))
    assert rows["gift"].difference is not None
    assert rows["gift"].difference.clear
    assert rows["gift"].difference.value > 0
    assert rows["urgent"].difference is not None
    assert "13812345678" not in str(found.as_json())
    assert rows["gift"].examples


def test_orders_whose_remarks_were_erased_are_not_counted() -> None:
    world = remark_world()
    old = import_row("orders", END, id=2, imported_at=END - 60 * DAY)
    world.imports.append(old)
    for line in world.lines[:120]:
        line |= {"import_id": 2, "buyer_note": None}
    store = world.stored()
    from shopdata.store.upkeep_tables import erasures

    with store.engine.begin() as connection:
        gone = {"id": 1, "at": END, "before": (END - 30 * DAY).date()}
        connection.execute(insert(erasures).values(gone))
    found = remarks(store, Scope())
    assert found.orders == 240
    assert words("zh")("analysis.buyers.remarks_erased", day="2026-08-31") in found.notes(words("zh"))


def test_files_without_remarks_are_named() -> None:
    world = remark_world()
    world.imports = [import_row("orders", END, columns='["order_id"]', imported_at=END)]
    found = remarks(world.stored(), Scope())
    assert (found.orders, found.missing, found.rows) == (0, ("Shop 1",), ())


def test_days_no_file_covers_are_said() -> None:
    world = world_of(ORDERS)
    world.imports = [
        import_row("orders", END, first_at=BEGIN, last_at=BEGIN + 9 * DAY),
        import_row("orders", END, first_at=BEGIN + 20 * DAY, last_at=END),
    ]
    (shop,) = shop_buyers(world.stored(), Scope())
    assert shop.gap_days == 10
    assert words("zh")("analysis.buyers.gaps", days=10) in shop.sentence(words("zh"))


def test_drawing_counts_gives_the_very_interval_of_drawing_units() -> None:
    units = np.array([[float(7 * n % 31), float(n % 5 + 1)] for n in range(60)])
    whole = resampled(units, lambda rows: float(rows[:, 0].sum() / rows[:, 1].sum()))
    assert of_sums(units, lambda sums: sums[:, 0] / sums[:, 1], draws=one_by_one) == whole
