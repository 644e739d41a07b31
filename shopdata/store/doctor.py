"""Is the store sound? Each check recomputes something that must hold and counts what does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from shopdata.store import attachments, ledger
from shopdata.store.database import Store
from shopdata.store.layouts import SEVERAL
from shopdata.store.rollup import order_rows
from shopdata.store.tables import (
    ENTITIES,
    ORDER_LINES,
    OWN,
    Entity,
    imports,
    orders,
    shops,
)
from shopdata.store.touched import Touched
from shopdata.words import Words

ORDER_COLUMNS = tuple(column.name for column in orders.columns)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: ``wrong`` rows (0 where all is well) of ``looked_at``.

    ``fatal`` checks prove the store; the others only inform (a parcel whose order is not here yet).
    """

    key: str
    looked_at: int
    wrong: int
    fatal: bool = True

    @property
    def ok(self) -> bool:
        """Whether nothing was found that must not be."""
        return not (self.fatal and self.wrong)

    def sentence(self, words: Words) -> str:
        """What was looked at and what was found."""
        return words(f"store.checks.{self.key}", looked_at=f"{self.looked_at:,}", wrong=f"{self.wrong:,}")


@dataclass(frozen=True, slots=True)
class Findings:
    """All checks of one visit."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)

    def as_json(self, words: Words) -> dict[str, Any]:
        """The document of the command line."""
        return {
            "ok": self.ok,
            "checks": [
                {
                    "key": check.key,
                    "ok": check.ok,
                    "looked_at": check.looked_at,
                    "wrong": check.wrong,
                    "message": check.sentence(words),
                }
                for check in self.checks
            ],
        }


def doctor(store: Store) -> Findings:
    """Look at the whole store: keys, the roll-up, the import log, rows that wait for their order."""
    with store.alone() as connection:
        checks = [_unique(connection, entity) for entity in ENTITIES.values() if entity not in OWN]
        checks += [_unique_own(connection)]
        checks += [_orders_unique(connection), _rolled_up(connection), _logged(store, connection)]
        checks += [_attached(store, connection)]
        checks += [_whole_imports(connection), _counted_once(connection), _whole_layers(connection)]
        checks += [_waiting(connection, entity) for entity in ENTITIES.values() if _may_wait(entity)]
    return Findings(tuple(checks))


def _count(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def _rows(connection: Connection, entity: Entity) -> int:
    return int(connection.execute(select(func.count()).select_from(entity.table)).scalar_one())


def _unique(connection: Connection, entity: Entity) -> Check:
    key = [entity.table.c[name] for name in ("shop_id", *entity.key)]
    twice = select(*key).group_by(*key).having(func.count() > 1)
    return Check(f"unique_{entity.name}", _rows(connection, entity), _count(connection, twice))


def _unique_own(connection: Connection) -> Check:
    """The tables that speak of no order, taken together."""
    each = [_unique(connection, entity) for entity in OWN]
    return Check("unique_own", sum(one.looked_at for one in each), sum(one.wrong for one in each))


def _orders_unique(connection: Connection) -> Check:
    key = [orders.c.shop_id, orders.c.order_id]
    known = int(connection.execute(select(func.count()).select_from(orders)).scalar_one())
    return Check(
        "unique_orders", known, _count(connection, select(*key).group_by(*key).having(func.count() > 1))
    )


def _rolled_up(connection: Connection) -> Check:
    """Orders that differ from what their lines, after-sales and parcels say now, in any column."""
    known = int(connection.execute(select(func.count()).select_from(orders)).scalar_one())
    everyone = Touched(connection, everything=True)
    wrong = 0
    for shop_id in connection.execute(select(shops.c.id)).scalars().all():
        afresh = order_rows(connection, shop_id, everyone, doubled=True).subquery("afresh")
        differs = or_(*(orders.c[name].is_distinct_from(afresh.c[name]) for name in ORDER_COLUMNS))
        matched = (
            select(literal(1))
            .select_from(
                orders.join(
                    afresh,
                    and_(orders.c.shop_id == afresh.c.shop_id, orders.c.order_id == afresh.c.order_id),
                )
            )
            .where(differs)
        )
        stored = select(orders.c.order_id).where(orders.c.shop_id == shop_id)
        wrong += _count(connection, matched)
        wrong += abs(_count(connection, stored) - _count(connection, select(afresh.c.order_id)))
    return Check("rolled_up", known, wrong)


def _logged(store: Store, connection: Connection) -> Check:
    line = ledger.last_line(store.settings.home)
    return Check(
        "logged", len(line.sums) if line else 0, len(ledger.compare(store.settings.home, connection))
    )


def _whole_imports(connection: Connection) -> Check:
    """Imports whose counts do not add up: accepted + rejected = rows, and new, updated, unchanged."""
    known = int(connection.execute(select(func.count()).select_from(imports)).scalar_one())
    parts = (imports.c.new, imports.c.updated, imports.c.unchanged)
    broken: ColumnElement[bool] = or_(
        imports.c.accepted + imports.c.rejected != imports.c.rows,
        parts[0] + parts[1] + parts[2] != imports.c.accepted,
    )
    return Check("whole_imports", known, _count(connection, select(imports.c.id).where(broken)))


def _counted_once(connection: Connection) -> Check:
    """Orders of which not exactly one form (its lines, or its one row) counts."""
    lines = ORDER_LINES.table
    key = (lines.c.shop_id, lines.c.order_id)
    forms = func.count(lines.c.grain.distinct()).filter(lines.c.counted)
    known = int(connection.execute(select(func.count()).select_from(orders)).scalar_one())
    wrong = select(*key).group_by(*key).having(forms != 1)
    return Check("counted_once", known, _count(connection, wrong))


def _whole_layers(connection: Connection) -> Check:
    """Rows put together from several states that lack them, and states kept for no such row."""
    known = wrong = 0
    for entity in ENTITIES.values():
        main, kept = entity.table, entity.layers
        names = ("shop_id", *entity.key)
        key = [kept.c[name] for name in names]
        states = select(*key).group_by(*key).having(func.count() > 1).subquery()
        rows = select(*(main.c[name] for name in names)).where(main.c.layout == SEVERAL).subquery()
        same = and_(*(rows.c[name] == states.c[name] for name in names))
        odd = select(rows.c.shop_id).select_from(rows.outerjoin(states, same, full=True))
        odd = odd.where(or_(rows.c.shop_id.is_(None), states.c.shop_id.is_(None)))
        known += int(connection.execute(select(func.count()).select_from(kept)).scalar_one())
        wrong += _count(connection, odd)
    return Check("whole_layers", known, wrong)


def _attached(store: Store, connection: Connection) -> Check:
    """Files attached to cases that are missing or not what they were."""
    return Check("attached", *attachments.lost(store.settings, connection))


def _may_wait(entity: Entity) -> bool:
    return bool(entity.order_key) and entity is not ORDER_LINES


def _waiting(connection: Connection, entity: Entity) -> Check:
    """Rows whose order no order file has brought yet: kept, counted nowhere."""
    lines = ORDER_LINES.table
    table = entity.table
    key = entity.order_key
    known = exists().where(lines.c.shop_id == table.c.shop_id, lines.c[key] == table.c[key])
    waiting = _count(connection, select(table.c[key]).where(table.c[key].is_not(None), ~known))
    return Check(f"waiting_{entity.name}", _rows(connection, entity), waiting, fatal=False)
