"""Questions as text (flags of the command line, query of a URL) turned into a scope and a filter, or refused.

One place decides what a parameter means, so the command line and the API cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import get_args

from shopdata.errors import BadUsage
from shopdata.imports.scoping import all_shops
from shopdata.orders.filters import SOURCES, TIME_KINDS, OrderFilter, parse_filter
from shopdata.scope import Basis, Scope
from shopdata.store import Store

Texts = Mapping[str, Sequence[str]]

PLATFORMS = ("douyin", "taobao", "kuaishou", "other")
BASES: tuple[str, ...] = get_args(Basis)
SCOPE = ("from", "to", "basis", "platform", "shop", "source")
STEPS = ("day", "week", "month")
ORDER_FILTERS = tuple(field.name for field in fields(OrderFilter) if field.name not in {"start", "end"})
OWN_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "metrics": (*SCOPE, "by"),
    "series": (*SCOPE, "by", "metric", "forecast"),
    "orders": (*SCOPE, *ORDER_FILTERS, "fields", "limit", "sort"),
    "status": (),
    "formats": (),
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, in which role."""

    user: str = "local"
    role: str = "owner"


LOCAL = Asker()


def check_names(names: Sequence[str], texts: Texts) -> None:
    """Refuse a parameter outside ``names``: a typing error must not widen an answer."""
    for unknown in sorted(set(texts) - set(names)):
        raise BadUsage("parameter_unknown", name=unknown)


def one(texts: Texts, name: str) -> str | None:
    """The value of a parameter that can stand once only."""
    values = texts.get(name, ())
    if len(values) > 1:
        raise BadUsage("parameter_repeated", name=name)
    return values[0] if values and values[0] != "" else None


def listed(texts: Texts, name: str) -> tuple[str, ...]:
    """The values of a parameter that can be repeated or hold a list separated by commas."""
    return tuple(dict.fromkeys(part for text in texts.get(name, ()) for part in text.split(",") if part))


def day(texts: Texts, name: str) -> date | None:
    """A day written ``YYYY-MM-DD``."""
    text = one(texts, name)
    try:
        if text is not None and len(text) != len("2026-01-01"):
            raise ValueError(text)
        return date.fromisoformat(text) if text else None
    except ValueError as fault:
        raise BadUsage("day_invalid", value=text) from fault


def among(name: str, value: str, allowed: Sequence[str]) -> str:
    """``value`` if it is one of ``allowed``."""
    if value not in allowed:
        raise BadUsage("value_unknown", name=name, value=value, choices=", ".join(allowed))
    return value


def _shop_ids(store: Store, names: Sequence[str]) -> tuple[int, ...] | None:
    if not names:
        return None
    with store.read() as connection:
        every = all_shops(connection)
    found = []
    for name in names:
        ids = [shop.id for shop in every if shop.name == name]
        if not ids:
            raise BadUsage("shop_unknown", shop=name)
        found.extend(ids)
    return tuple(sorted(set(found)))


def scope(store: Store, texts: Texts, asker: Asker) -> Scope:
    """The scope a question is asked in. Raises ``BadUsage`` for anything that cannot be meant."""
    start, end = day(texts, "from"), day(texts, "to")
    if start and end and start > end:
        raise BadUsage("days_reversed")
    return Scope(
        user=asker.user,
        role=asker.role,
        shops=_shop_ids(store, listed(texts, "shop")),
        start=start,
        end=end,
        basis=among("basis", one(texts, "basis") or "placed", BASES),  # type: ignore[arg-type]
        platforms=tuple(among("platform", text, PLATFORMS) for text in listed(texts, "platform")),
        sources=tuple(among("source", text, SOURCES) for text in listed(texts, "source")),
    )


def order_filter(texts: Texts) -> OrderFilter:
    """The filter of an ``orders`` question; its days are ``from`` and ``to`` of the kind of time ``time``."""
    if (time := one(texts, "time")) is not None:
        among("time", time, TIME_KINDS)
    given = [name for name in ORDER_FILTERS if name in texts]
    mine = {name: listed(texts, name) if _is_list(name) else texts[name] for name in given}
    if time is not None:
        mine |= {name: texts[key] for name, key in (("start", "from"), ("end", "to")) if key in texts}
    return parse_filter(mine)


def _is_list(name: str) -> bool:
    return isinstance(getattr(OrderFilter(), name), tuple)


def number(texts: Texts, name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds."""
    text = one(texts, name)
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise BadUsage("value_unknown", name=name, value=text, choices=f"{least}–{most}")
    return int(text)
