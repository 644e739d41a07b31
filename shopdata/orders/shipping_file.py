"""The file a platform's back end takes waybills from, made from a list that was looked at. Nothing is sent.

The layouts stand in ``platforms/data/shipping_layouts.toml``, which says where they are from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import func, select

from shopdata.errors import BadUsage, NotAllowed
from shopdata.imports.audit import record_action
from shopdata.orders import sheets
from shopdata.orders.filters import OrderFilter
from shopdata.orders.privacy import may_export
from shopdata.orders.selection import TO_SHIP, condition
from shopdata.orders.sheets import Cell, Heading, write_file
from shopdata.orders.shipping_checks import REFUNDING, Shipment, check
from shopdata.orders.shipping_list import Listed, tables
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import orders


def layout_of(platform: str) -> Mapping[str, str]:
    """The headings of a platform's file by what stands below: ``order``, ``courier``, ``waybill``, and
    ``line`` where it has a column of its own."""
    layouts: Mapping[str, Mapping[str, str]] = tables()["layouts"]
    return layouts.get(platform, layouts["other"])


def headings_of(platform: str, shipments: Sequence[Shipment]) -> Mapping[str, str]:
    """The headings of the file for these shipments; order lines have a column only where a list named one."""
    layout = dict(layout_of(platform))
    if all(one.line_id is None for one in shipments):
        layout.pop("line", None)
    return layout


def export_shipping(
    store: Store,
    scope: Scope,
    listed: Sequence[Listed],
    platform: str,
    path: Path,
    headings: Sequence[str] = (),
) -> int:
    """Write the lines of the list that can be shipped on a platform to ``path`` (``.csv``, ``.xlsx``);
    returns how many. The list is looked at anew: what cannot be shipped by now is left out. ``headings``
    take the place of those of ``headings_of``. Audited.

    Raises ``NotAllowed``, ``BadUsage`` for another suffix, too few headings, or where nothing is left.
    """
    _check_right(scope, path)
    shipments = [one for one in check(store, scope, listed).shipments if one.platform == platform]
    if not shipments:
        raise BadUsage("shipping_nothing")
    layout = headings_of(platform, shipments)
    if headings:
        named = [heading.strip() for heading in headings]
        if len(named) != len(layout) or not all(named):
            raise BadUsage("shipping_headings", n=len(layout))
        layout = dict(zip(layout, named, strict=True))
    cells = [[_cell(one, name) for name in layout] for one in shipments]
    return _written(store, scope, "shipping", platform, (path, layout, cells))


def export_to_fill(store: Store, scope: Scope, chosen: OrderFilter, platform: str, path: Path) -> int:
    """Write the chosen orders of a platform that are to be shipped to ``path``, courier and waybill empty, to
    be filled in and pasted back; returns how many. Audited. Raises as ``export_shipping``."""
    _check_right(scope, path)
    aside = (func.coalesce(orders.c[name], False) for name in REFUNDING)
    with store.read() as connection:
        wanted = condition(connection, scope, chosen, store)
        query = (
            select(orders.c.order_id)
            .where(wanted, orders.c.platform == platform, orders.c.status.in_(TO_SHIP))
            .where(*(flag.is_(False) for flag in aside))
            .order_by(orders.c.promised_ship_at.nulls_last(), orders.c.order_id)
        )
        numbers = list(connection.scalars(query))
    layout = {name: label for name, label in layout_of(platform).items() if name != "line"}
    cells = [[number if name == "order" else None for name in layout] for number in numbers]
    return _written(store, scope, "to_ship", platform, (path, layout, cells))


def _check_right(scope: Scope, path: Path) -> None:
    if not may_export(scope.role):
        raise NotAllowed(role=scope.role)
    if path.suffix.lower() not in sheets.WRITERS:
        raise BadUsage("out_unknown", path=path.name)


def _written(
    store: Store,
    scope: Scope,
    what: str,
    platform: str,
    file: tuple[Path, Mapping[str, str], Sequence[Sequence[Cell]]],
) -> int:
    """Write the file under its headings, and that it was taken away."""
    path, layout, cells = file
    path.touch(mode=0o600)
    titles = [Heading(label, "text" if name == "courier" else "id") for name, label in layout.items()]
    written = write_file(path, titles, [cells])
    with store.write(figures=False) as connection:
        now = store.settings.now()
        told = {"what": what, "platform": platform, "rows": written.rows}
        record_action(connection, now, scope.user, "export", role=scope.role, **told)
    return written.rows


def _cell(one: Shipment, name: str) -> str | None:
    cells = {"order": one.order_id, "line": one.line_id, "courier": one.courier, "waybill": one.waybill}
    return cells[name]
