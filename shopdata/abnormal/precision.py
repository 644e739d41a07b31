"""How a rule does: how many hits it had in 30 days, and how many of those people looked at were real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from shopdata.abnormal.judging import Judges
from shopdata.abnormal.rules import RULES
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame
from shopdata.scope import Scope
from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.case_tables import abnormal_answers

DAYS = timedelta(days=30)
REAL, FALSE = ("waiting", "resolved"), ("false_alarm",)


@dataclass(frozen=True, slots=True)
class Record:
    """What a rule did in the last 30 days: ``hits`` that began to hold in them; ``confirmed`` and
    ``false_alarms`` by the answers people gave in them."""

    rule: str
    hits: int
    confirmed: int
    false_alarms: int

    @property
    def share(self) -> float | None:
        """The share of the answered that was real, 0–1; ``None`` where nothing was answered."""
        answered = self.confirmed + self.false_alarms
        return self.confirmed / answered if answered else None


def records(store: Judges, scope: Scope) -> Mapping[str, Record]:
    """A record of every rule in the shops of the scope. Hits that were gone before they held do not count."""
    frame, now = frame_of(store, scope.between(None, None)), store.settings.now()
    h = abnormal_hits.c
    fired = (
        select(h.rule, func.count())
        .where(h.shop_id.in_(frame.ids), h.since.between(now - DAYS, now))
        .where(or_(h.gone_at.is_(None), h.gone_at > h.since))
        .group_by(h.rule)
    )
    said = dict.fromkeys(RULES, (0, 0))
    with store.read() as connection:
        hits = {row[0]: row[1] for row in connection.execute(fired)}
        for (_, key), (real, answers) in answers_of(connection, frame, now).items():
            confirmed, false = said.get(key, (0, 0))
            said[key] = (confirmed + real, false + answers - real)
    return {key: Record(key, hits.get(key, 0), *said[key]) for key in RULES}


def answers_of(
    connection: Connection, frame: Frame, now: datetime
) -> Mapping[tuple[int, str], tuple[int, int]]:
    """By shop and rule how many hits people found real in the last 30 days, of how many they answered."""
    a = abnormal_answers.c
    query = (
        select(a.shop_id, a.rule, func.count().filter(a.answer.in_(REAL)), func.count())
        .where(a.shop_id.in_(frame.ids), a.at.between(now - DAYS, now), a.answer.in_(REAL + FALSE))
        .group_by(a.shop_id, a.rule)
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}
