"""Advertising during a session: reports of several grains, scopes and hours, each yuan once."""

from datetime import datetime, timedelta
from typing import Any

from shopdata.analysis.live_spend import AdRow, Spend, spend_of

START = datetime(2026, 11, 1, 22, 30)
END = START + timedelta(hours=3)
ROOM = frozenset({"Room"})


def told(spend: int, hour: int | None = None, day: int = 0, **more: Any) -> AdRow:
    known: dict[str, Any] = {"platform": "", "scope": "", "grain": "", "whose": frozenset()}
    return AdRow(1, START.date() + timedelta(days=day), hour, **(known | more), spend=spend)


def spent(*rows: AdRow) -> Spend | None:
    return spend_of(rows, 1, ROOM, START, END)


def test_hours_count_as_far_as_the_session_overlaps_them_over_midnight() -> None:
    rows = [
        told(1_000, 21),
        told(1_000, 22),
        told(1_000, 23),
        told(600, 0, 1),
        told(600, 1, 1),
        told(600, 2, 1),
    ]
    assert spent(*rows) == Spend(500 + 1_000 + 600 + 300, "shop_hours")


def test_two_grains_of_one_report_are_not_added() -> None:
    hours = [told(1_000, 23), told(600, 0, 1)]
    plans = [told(550, 23, grain="plan"), told(450, 23, grain="plan"), told(600, 0, 1, grain="plan")]
    assert spent(*hours, *plans) == spent(*hours) == Spend(1_600, "shop_hours")


def test_two_scopes_of_one_report_are_not_added_and_the_shops_own_counts() -> None:
    rows = [told(900, 23, scope="promoted"), told(700, 23, scope="bound"), told(100, 0, 1, scope="bound")]
    assert spent(*rows) == Spend(800, "shop_hours")


def test_platforms_add_up_and_a_report_of_all_of_them_does_not() -> None:
    rows = [told(300, 23, platform="x"), told(200, 23, platform="y"), told(400, 23), told(0, 0, 1)]
    assert spent(*rows) == Spend(500, "shop_hours")


def test_hours_of_the_room_itself_come_before_those_of_the_shop() -> None:
    rows = [told(500, 23, grain="room", whose=ROOM), told(90, 0, 1, grain="room", whose=ROOM)]
    others = [told(900, 23), told(900, 0, 1), told(800, 23, grain="room", whose=frozenset({"Other"}))]
    assert spent(*rows, *others) == Spend(590, "room_hours")


def test_whole_days_are_told_as_such_and_are_not_the_sessions() -> None:
    found = spent(told(1_000), told(1_000, grain="plan"), told(300, day=1))
    assert found == Spend(1_300, "shop_day")
    assert not found.overlaps
    assert spent(told(700, grain="room", whose=ROOM), told(1_000)) == Spend(700, "room_day")


def test_hours_of_one_of_two_days_do_not_tell_the_session() -> None:
    assert spent(told(1_000, 23), told(2_000), told(500, day=1)) == Spend(2_500, "shop_day")


def test_nothing_told_is_nothing_and_not_zero() -> None:
    assert spent() is None
    assert spend_of([told(1_000)], 2, ROOM, START, END) is None
