"""Live sessions: which order is whose, against loops over the same rows; what is said where nothing is."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shopdata.analysis.live import live
from shopdata.analysis.live_review import Review, review
from shopdata.analysis.live_values import Live, Session
from shopdata.scope import Scope
from shopdata.store.own_entities import ADS, HOST_SHIFTS, LIVE_SESSIONS
from shopdata.words import words
from tests.metrics.world import FIRST, MemoryStore, Row, World, import_row, line_row, order_row, shop_row

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TAIL = 30 * MINUTE
EVENING = FIRST + timedelta(days=5, hours=20)


def session(entry: str, start: datetime, end: datetime | None, who: str = "star-1", **more: Any) -> Row:
    return {"shop_id": 1, "entry": entry, "started_at": start, "ended_at": end, "influencer_id": who} | more


def stored(world: World, sessions: list[Row], shifts: list[Row] = [], ads: list[Row] = []) -> MemoryStore:  # noqa: B006 - never changed
    kinds = {"live_sessions": sessions, "host_shifts": shifts, "ads": ads}
    world.imports += [
        import_row("orders") | {"kind": kind, "columns": "[]"} for kind, rows in kinds.items() if rows
    ]
    store = world.stored()
    for table, rows in ((LIVE_SESSIONS, sessions), (HOST_SHIFTS, shifts), (ADS, ads)):
        store.add(table.table, rows)
    return store


def world_of(orders: list[Row], lines: list[Row]) -> World:
    imports = [import_row(kind) for kind in ("orders", "aftersales")]
    return World(shops=[shop_row()], imports=imports, orders=orders, lines=lines)


def sold(
    number: int, placed: datetime, paid: datetime | None, who: str | None = "star-1", **more: Any
) -> Any:
    order = order_row(str(number), placed, **({"paid_at": paid} if paid else {}), **more)
    order["source"] = more.get("source", "live")
    return order, line_row(
        order, source=order["source"], influencer_id=who, product_id="p", product_name="Tea"
    )


def shop(*pairs: tuple[Row, Row]) -> World:
    return world_of([order for order, _ in pairs], [line for _, line in pairs])


# Two accounts at the same time, one past midnight, one begun again within its tail, one on another day.
SESSIONS = [
    session("a", EVENING, EVENING + 3 * HOUR, "star-1"),
    session("b", EVENING + HOUR, EVENING + 6 * HOUR, "star-2"),
    session("c", EVENING + 3 * HOUR + 10 * MINUTE, EVENING + 4 * HOUR, "star-1"),
    session("d", EVENING + DAY, EVENING + DAY + 2 * HOUR, "star-2"),
]


@pytest.fixture(scope="module")
def generated() -> World:
    """Orders around the sessions: of people and of nobody, several lines, unpaid, paid late, refunded."""
    draw = random.Random(4)  # noqa: S311 - seeded on purpose
    orders, lines = [], []
    for number in range(500):
        placed = EVENING - 2 * HOUR + timedelta(minutes=draw.randrange(34 * 60))
        paid = (
            placed + timedelta(seconds=draw.choice([20, 900, 5_000, 20_000]))
            if draw.random() < 0.85
            else None
        )
        order = order_row(str(number), placed, **({"paid_at": paid} if paid else {}))
        if paid and draw.random() < 0.3:
            applied = paid + draw.choice([20 * MINUTE, 9 * HOUR])
            order |= {"is_refunded": True, "refund_applied_at": applied, "refunded_at": applied + HOUR}
        who = draw.choice(["star-1", "star-2", "elsewhere", None])
        sources = draw.choice(
            [["live"], ["live"], ["product_card"], ["pending"], ["live", "product_card"], ["live"] * 2]
        )
        mine = [
            line_row(
                order,
                place,
                source=source,
                influencer_id=who,
                paid_amount=draw.randrange(100, 900),
                product_id="p",
            )
            for place, source in enumerate(sources)
        ]
        order["paid_amount"] = sum(line["paid_amount"] for line in mine)
        order["lines"] = order["units"] = len(mine)
        order["source"] = sources[0] if len(set(sources)) == 1 else "mixed"
        order["refund_amount"] = 0
        orders.append(order)
        lines += mine
    return world_of(orders, lines)


@pytest.fixture(scope="module")
def generated_store(generated: World) -> MemoryStore:
    return stored(replace(generated, imports=list(generated.imports)), SESSIONS)


def whose(world: World, order: Row, moment: datetime) -> str | None:
    """The session of an order at a moment, in loops: ``None`` for none, ``?`` where two may be meant."""
    who = next(line["influencer_id"] for line in world.lines_of(order))
    if not any(line["source"] == "live" for line in world.lines_of(order)):
        return None
    near = [one for one in SESSIONS if one["started_at"] <= moment <= one["ended_at"] + TAIL]
    near = [one for one in near if who in {None, one["influencer_id"]}]
    near = [one for one in near if moment <= one["ended_at"]] or near
    if len({one["influencer_id"] for one in near}) > 1:
        return "?"
    return max(near, key=lambda one: one["started_at"])["entry"] if near else None


def test_every_session_has_the_orders_the_rule_gives_it(
    generated: World, generated_store: MemoryStore
) -> None:
    counts: Counter[str | None] = Counter()
    money: Counter[str | None] = Counter()
    soon: Counter[str | None] = Counter()
    for order in generated.orders:
        if not order["is_paid"]:
            continue
        mine = [line for line in generated.lines_of(order) if line["source"] == "live"]
        entry = whose(generated, order, order["paid_at"])
        counts[entry if mine else "no live line"] += 1
        money[entry] += sum(line["paid_amount"] for line in mine)
        soon[entry] += bool(order["is_refunded"] and order["refund_applied_at"] - order["paid_at"] <= HOUR)
    found = live(generated_store, Scope())
    sums = {one.entry: one.sums for one in found.sessions}
    assert {one["entry"] for one in SESSIONS} == sums.keys()
    for entry, one in sums.items():
        assert one
        assert (one.orders, one.paid_amount) == (counts[entry], money[entry])
        assert one.refunded_1h == soon[entry]
        assert one.orders > 0
    assert found.apart == {"no_session": counts[None], "ambiguous": counts["?"]}
    assert counts["?"] > 0


def test_no_order_is_in_two_sessions(generated: World, generated_store: MemoryStore) -> None:
    found = live(generated_store, Scope())
    sold_live = [
        order
        for order in generated.orders
        if order["is_paid"] and any(line["source"] == "live" for line in generated.lines_of(order))
    ]
    assert found.total.orders + sum(found.apart.values()) == len(sold_live)


def test_orders_placed_in_a_session_are_told_by_when_they_were_paid(
    generated: World, generated_store: MemoryStore
) -> None:
    wanted: dict[str, Counter[str]] = {one["entry"]: Counter() for one in SESSIONS}
    ends = {one["entry"]: one["ended_at"] + TAIL for one in SESSIONS}
    for order in generated.orders:
        entry = whose(generated, order, order["placed_at"])
        if entry in (None, "?"):
            continue
        paid = order.get("paid_at")
        if paid is None:
            wanted[entry]["unpaid"] += 1
        elif whose(generated, order, paid) == entry:
            wanted[entry]["paid_in"] += 1
        elif paid > ends[entry]:
            wanted[entry]["paid_after"] += 1
    for one in live(generated_store, Scope()).sessions:
        for key in ("paid_in", "paid_after", "unpaid"):
            assert one.placed[key] == wanted[one.entry][key]
    assert sum(one["paid_after"] for one in wanted.values()) > 0


def test_a_session_past_midnight_is_its_start_days_and_splits_by_pay_day(
    generated_store: MemoryStore,
) -> None:
    start, after = EVENING.date(), EVENING.date() + DAY
    whole = next(one for one in live(generated_store, Scope()).sessions if one.entry == "b")
    assert whole.days
    assert set(whole.days) == {start, after}
    by_start = live(generated_store, Scope(start=start, end=start))
    assert sorted(one.entry for one in by_start.sessions) == ["a", "b", "c"]
    assert list(by_start.days) == [start]
    by_pay = live(generated_store, Scope(start=after, end=after), "pay")
    late = next(one for one in by_pay.sessions if one.entry == "b")
    assert late.sums == whole.days[after]
    assert set(by_pay.days) == {after}


def only(store: MemoryStore, scope: Scope | None = None) -> tuple[Live, Session]:
    found = live(store, scope or Scope())
    return found, found.sessions[0]


def test_a_session_no_order_names_takes_the_shops_own_live_orders_of_its_time() -> None:
    own = sold(1, EVENING, EVENING + MINUTE, who=None)
    other = sold(2, EVENING, EVENING + MINUTE, who="star-1")
    ours = sold(3, EVENING, EVENING + MINUTE, who="own-account")
    found, one = only(stored(shop(own, other, ours), [session("x", EVENING, EVENING + HOUR, "the host")]))
    assert (one.linked, one.sums and one.sums.orders) == (False, 2)
    assert found.apart["no_session"] == 1


def test_a_pending_source_is_not_live() -> None:
    pair = sold(1, EVENING, EVENING + MINUTE, source="pending")
    _, one = only(
        stored(shop(pair, sold(2, EVENING, EVENING + MINUTE)), [session("x", EVENING, EVENING + HOUR)])
    )
    assert one.sums
    assert one.sums.orders == 1


@pytest.mark.parametrize(
    ("start", "end"), [(EVENING, None), (EVENING - 40 * DAY, EVENING - 40 * DAY + HOUR), (EVENING, EVENING)]
)
def test_a_session_without_an_end_or_without_orders_files_has_no_figures(
    start: datetime, end: datetime | None
) -> None:
    store = stored(shop(sold(1, EVENING, EVENING + MINUTE)), [session("x", start, end)])
    found, one = only(store)
    assert (one.sums, one.placed) == (None, {})
    assert found.as_json()["rows"][0]["orders_paid"] is None
    assert review(store, Scope(), one.key) is None


def test_a_session_the_data_ends_in_is_not_whole_and_compared_with_nothing() -> None:
    end = FIRST + timedelta(days=80, hours=-4)
    past = [session(str(n), EVENING + n * DAY, EVENING + n * DAY + HOUR) for n in range(6)]
    store = stored(shop(sold(1, EVENING, EVENING + MINUTE)), [*past, session("x", end - HOUR, end + HOUR)])
    _, one = only(store)
    assert one.whole is False
    reviewed = review(store, Scope(), one.key)
    assert reviewed
    assert reviewed.compared == ()


def test_without_a_file_of_sessions_the_file_to_upload_is_named() -> None:
    found = live(shop(sold(1, EVENING, EVENING + MINUTE)).stored(), Scope())
    assert (found.missing, found.sessions) == ("live_sessions", ())
    assert found.as_json(words("zh"))["notes"] == [words("zh")("analysis.live.no_file")]


@pytest.fixture(scope="module")
def reviewed() -> Review:
    """Seven evenings of 10 orders each, two of ten refunded at once and three ten days later; on the last
    evening 20 orders, two hosts."""
    pairs, sessions = [], []
    for evening in range(7):
        start = FIRST + timedelta(days=70 + evening, hours=20)
        sessions.append(session(str(evening), start, start + 2 * HOUR, room_name="Room"))
        for number in range(20 if evening == 6 else 10):
            paid = start + timedelta(minutes=6 * number)
            later = {0: HOUR, 1: HOUR, 2: 10 * DAY, 3: 10 * DAY}.get(number)
            refund = (
                {"is_refunded": True, "refund_applied_at": paid, "refunded_at": paid + later} if later else {}
            )
            if later and paid + later > FIRST + timedelta(days=80):
                refund = {}
            pairs.append(sold(len(pairs), paid, paid, **refund))
    last = sessions[-1]["started_at"]
    shifts = [
        {
            "shop_id": 1,
            "entry": "1",
            "host": "Ann",
            "started_at": last - HOUR,
            "ended_at": last + HOUR,
            "room_name": "Room",
        },
        {"shop_id": 1, "entry": "2", "host": "Bea", "started_at": last + HOUR, "ended_at": last + 2 * HOUR},
        {
            "shop_id": 1,
            "entry": "3",
            "host": "Not here",
            "started_at": last,
            "ended_at": last + HOUR,
            "room_name": "Other",
        },
    ]
    ads = [
        {
            "shop_id": 1,
            "entry": "1",
            "day": datetime.combine(last.date(), datetime.min.time()),
            "spend": 900,
            "grain": "",
        },
        {
            "shop_id": 1,
            "entry": "2",
            "day": datetime.combine(last.date(), datetime.min.time()),
            "spend": 900,
            "grain": "plan",
        },
    ]
    store = stored(shop(*pairs), sessions, shifts, ads)
    found = review(store, Scope(start=last.date(), end=last.date()), "1/6")
    assert found
    return found


def test_minutes_products_and_turns_hold_every_order(reviewed: Review) -> None:
    assert sum(reviewed.minutes) == 20
    assert [place for place, count in enumerate(reviewed.minutes) if count] == [6 * n for n in range(20)]
    assert len(reviewed.minutes) == 151
    assert [(one.product_id, one.name, one.orders, one.units) for one in reviewed.products] == [
        ("p", "Tea", 20, 20)
    ]
    assert [(turn.host, turn.orders, turn.paid_amount) for turn in reviewed.turns] == [
        ("Ann", 10, 100_000),
        ("Bea", 10, 100_000),
    ]


def test_a_session_is_compared_with_those_before_it_at_the_same_age(reviewed: Review) -> None:
    found = {one.key: one for one in reviewed.compared}
    orders, refunds = found["orders"], found["refunded_by_age"]
    assert (orders.value, orders.median, orders.n, orders.verdict) == (20, 10, 6, "above")
    assert (refunds.value, refunds.median, refunds.verdict) == (0.1, 0.2, "below")
    assert found["orders_per_hour"].value == 10


def test_spend_told_by_the_day_alone_is_not_the_sessions_and_not_doubled(reviewed: Review) -> None:
    assert reviewed.spend
    assert (reviewed.spend.amount, reviewed.spend.told, reviewed.spend.overlaps) == (900, "shop_day", False)


def test_the_document_has_a_row_a_session_and_the_days(generated_store: MemoryStore) -> None:
    document = live(generated_store, Scope()).as_json()
    assert {"data_up_to", "currency", "rows", "total", "days", "apart"} <= document.keys()
    assert document["total"]["orders_paid"] == sum(row["orders_paid"] for row in document["rows"])
    assert [date.fromisoformat(one["key"]) for one in document["days"]] == [
        EVENING.date(),
        (EVENING + DAY).date(),
    ]
