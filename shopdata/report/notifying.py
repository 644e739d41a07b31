"""News of abnormal orders to the group robot: once for what imports brought, when all of it is judged.

It names rules, numbers, money and the next deadline; nothing of a buyer, and no order's number.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from sqlalchemy import select, update

from shopdata.abnormal.summary import Summary, found_since, newest_import
from shopdata.errors import NotSent
from shopdata.report.robot import TOLD, Robot, own_shops, robot_of, send
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import settings
from shopdata.units import yuan
from shopdata.words import Words, words

USER = "shopdata"
MOST_RULES = 5
# Seconds until an attempt is repeated: at first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 1800.0


class Notifier:
    """Looks for news at each ``tick``. ``trouble`` is why the last could not be sent, for the settings."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.trouble: NotSent | None = None
        self._store = store
        self._clock = clock
        self._next = 0.0
        self._pause = FIRST_PAUSE

    def tick(self) -> None:
        """Send what is new, if anything is and the robot is not given a rest after a failure."""
        robot = robot_of(self._store)
        if robot is None:
            self.trouble = None
        elif self._clock() >= self._next:
            self._tell(robot)

    def _tell(self, robot: Robot) -> None:
        shops, told = own_shops(self._store), _told(self._store)
        newest = newest_import(self._store, shops)
        if newest <= told:
            return
        found = found_since(self._store, Scope(user=USER, shops=shops), told)
        if found is None or newest_import(self._store, shops) != newest:
            return
        if found.n:
            try:
                send(robot, text_of(found, words(robot.language)))
            except NotSent as fault:
                self.trouble, self._next = fault, self._clock() + self._pause
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
                return
        self.trouble, self._pause = None, FIRST_PAUSE
        with self._store.write(figures=False) as connection:
            noted = update(settings).where(settings.c.key == TOLD)
            connection.execute(noted.values(value=json.dumps(newest)))


def _told(store: Store) -> int:
    with store.read() as connection:
        value = connection.scalar(select(settings.c.value).where(settings.c.key == TOLD))
    return int(json.loads(value)) if value else 0


def text_of(found: Summary, spoken: Words) -> str:
    """What the group reads of findings: how many, how urgent, how much, of which rules, the next deadline."""
    lines = [
        spoken("report.found", n=f"{found.n:,}", high=f"{found.high:,}", amount=f"{yuan(found.amount):,}")
    ]
    often = sorted(found.by_rule.items(), key=lambda one: -one[1])
    lines += [
        spoken("report.rule", rule=spoken(f"abnormal.{key}.name"), n=f"{n:,}")
        for key, n in often[:MOST_RULES]
    ]
    if rest := sum(n for _, n in often[MOST_RULES:]):
        lines.append(spoken("report.rest", n=f"{rest:,}"))
    if found.overdue:
        lines.append(spoken("report.overdue", n=f"{found.overdue:,}"))
    if found.ahead:
        lines.append(spoken("report.ahead", at=f"{found.ahead:%Y-%m-%d %H:%M}"))
    return "\n".join(lines)
