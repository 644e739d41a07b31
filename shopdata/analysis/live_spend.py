"""What advertising cost during a live session, each yuan once.

Reports of several grains, scopes or hours tell the same spend again, so of one ad platform and day one view
counts. Preferred is one that tells the hours: of the session's own room or account, else of the whole shop;
an hour the session covers in part counts by its minutes. Only whole days told: the day's spend is given as
such (``day``) and is not the session's. Of platforms named and a report that names none the larger counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from shopdata.metrics.frame import Frame
from shopdata.metrics.told_days import spends
from shopdata.store.own_entities import ADS

Told = Literal["session", "room_hours", "shop_hours", "room_day", "shop_day"]
NARROW: tuple[Told, ...] = ("room_hours", "shop_hours", "room_day", "shop_day")
WHOSE = ("account_id", "account_name", "room_id", "room_name", "influencer_id", "influencer_name")
SCOPES = {"bound": 0, "promoted": 2}
HOUR = re.compile(r"^\s*(\d{1,2})")


@dataclass(frozen=True, slots=True)
class AdRow:
    """What one report says of one day or hour and, where it says so, of one room or account."""

    shop_id: int
    day: date
    hour: int | None
    platform: str
    scope: str
    grain: str
    whose: frozenset[str]
    spend: int


@dataclass(frozen=True, slots=True)
class Spend:
    """Fen spent and how that is told.

    ``session``: by the file of sessions; ``room_hours``, ``shop_hours``: by hours that overlap; ``room_day``,
    ``shop_day``: of the whole days it touches, more than the session's.
    """

    amount: int
    told: Told

    @property
    def overlaps(self) -> bool:
        """Whether it is of the session's own time."""
        return self.told in {"session", "room_hours", "shop_hours"}


def read_ads(connection: Connection, frame: Frame, first: datetime, last: datetime) -> list[AdRow]:
    """The rows of the days from ``first`` to ``last``; plans and products of one view added up."""
    rows = ADS.table.c
    keys = (rows.shop_id, rows.day, rows.hour, rows.ad_platform, rows.scope, rows.grain)
    whose = [rows[name] for name in WHOSE]
    statement = (
        select(*keys, *whose, func.sum(rows.spend))
        .where(
            spends(rows),
            rows.shop_id.in_(frame.ids),
            rows.day >= datetime.combine(first.date(), time.min),
            rows.day < datetime.combine(last.date() + timedelta(days=1), time.min),
        )
        .group_by(*keys, *whose)
    )
    return [_row(row) for row in connection.execute(statement)]


def _row(row: Any) -> AdRow:
    told = HOUR.match(row.hour or "")
    hour = int(told[1]) if told else (row.day.hour if row.day.time() != time.min else None)
    return AdRow(
        shop_id=row.shop_id,
        day=row.day.date(),
        hour=hour if hour is None or hour < 24 else None,
        platform=row.ad_platform or "",
        scope=row.scope or "",
        grain=row.grain or "",
        whose=frozenset(text for text in row[6 : 6 + len(WHOSE)] if text),
        spend=int(row[-1]),
    )


def spend_of(
    ads: Sequence[AdRow], shop_id: int, who: frozenset[str], start: datetime, end: datetime
) -> Spend | None:
    """What was spent from ``start`` to ``end`` on the session that goes by ``who``; ``None``: not told."""
    days = {start.date() + timedelta(days=step) for step in range((end.date() - start.date()).days + 1)}
    rows = [row for row in ads if row.shop_id == shop_id and row.day in days]
    for told in NARROW:
        chosen = [row for row in rows if _tells(row, told, who)]
        by_day = [_of_day([row for row in chosen if row.day == day], start, end) for day in sorted(days)]
        if chosen and (all(one is not None for one in by_day) or told.endswith("day")):
            return Spend(round(sum(one or 0 for one in by_day)), told)
    return None


def _tells(row: AdRow, told: Told, who: frozenset[str]) -> bool:
    hourly, mine = told.endswith("hours"), told.startswith("room")
    return (row.hour is not None) == hourly and (not mine or bool(row.whose & who))


def _of_day(rows: Sequence[AdRow], start: datetime, end: datetime) -> float | None:
    """One day's spend as far as it overlaps: per platform one view; ``None`` where nothing is told."""
    if not rows:
        return None
    platforms: dict[str, float] = {}
    for platform in {row.platform for row in rows}:
        views: dict[tuple[str, str], list[AdRow]] = {}
        for row in rows:
            if row.platform == platform:
                views.setdefault((row.scope, row.grain), []).append(row)
        platforms[platform] = _overlap(_one_view(views), start, end)
    unnamed = platforms.pop("", 0.0)
    return max(unnamed, sum(platforms.values()))


def _one_view(views: Mapping[tuple[str, str], list[AdRow]]) -> list[AdRow]:
    """The view that counts: own accounts before unsaid, before others'; whole before split; the larger."""

    def order(view: tuple[str, str]) -> tuple[int, bool, int, str]:
        scope, grain = view
        return SCOPES.get(scope, 1), grain != "", -sum(row.spend for row in views[view]), grain

    return views[min(views, key=order)]


def _overlap(rows: Iterable[AdRow], start: datetime, end: datetime) -> float:
    whole = 0.0
    for row in rows:
        if row.hour is None:
            whole += row.spend
            continue
        begins = datetime.combine(row.day, time(row.hour))
        shared = min(end, begins + timedelta(hours=1)) - max(start, begins)
        whole += row.spend * max(0.0, shared.total_seconds()) / 3600
    return whole
