"""What the shop decides about its buyers: what remarks are tagged, and whether receivers may be a key.

The list of tags is the product's (``remark_tags.toml``) until the shop keeps its own. Receivers tell buyers
apart only in shops that say so, and then only by a keyed hash.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports.audit import record_action
from shopdata.imports.erasing import buyers_key
from shopdata.imports.preferences import may_change
from shopdata.imports.scoping import all_shops
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import settings

TAGS, RECEIVERS = "buyers.remark_tags", "buyers.receiver_key"
MOST_TAGS, MOST_PARTS, LONGEST = 40, 60, 30


@dataclass(frozen=True, slots=True)
class RemarkTag:
    """A tag and the pieces of text that give it. ``key``: one of the product's, else the shop's own name."""

    key: str
    parts: tuple[str, ...]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("remark_tags.toml").read_text(encoding="utf-8"))


@cache
def default_tags() -> tuple[RemarkTag, ...]:
    """The product's own list."""
    return tuple(RemarkTag(entry["key"], tuple(entry["parts"])) for entry in _table()["tag"])


@cache
def negations() -> tuple[str, ...]:
    """Words that take a tag back where they stand right before its part, longest first."""
    return tuple(sorted(_table()["negations"], key=lambda word: (-len(word), word)))


def remark_tags(connection: Connection) -> tuple[RemarkTag, ...]:
    """The tags that hold."""
    text = connection.scalar(select(settings.c.value).where(settings.c.key == TAGS))
    if not text:
        return default_tags()
    return tuple(RemarkTag(one["key"], tuple(one["parts"])) for one in json.loads(text))


def set_remark_tags(store: Store, scope: Scope, tags: Sequence[RemarkTag] | None) -> None:
    """Keep the shop's own list; ``None`` returns to the product's.

    Raises ``BadUsage`` ``remark_tags_invalid`` for a tag without a name or without text, or too many of them.
    """
    _check(scope)
    kept = None if tags is None else [_clean(tag) for tag in tags]
    if kept is not None and (len(kept) > MOST_TAGS or len({tag.key for tag in kept}) < len(kept)):
        raise BadUsage("remark_tags_invalid", value=len(kept))
    with store.write() as connection:
        value = None if kept is None else [{"key": tag.key, "parts": tag.parts} for tag in kept]
        _put(connection, TAGS, value)
        names = None if kept is None else [tag.key for tag in kept]
        record_action(
            connection, store.settings.now(), scope.user, "remark_tags", role=scope.role, tags=names
        )


def _clean(tag: RemarkTag) -> RemarkTag:
    key = tag.key.strip()
    parts = tuple(dict.fromkeys(filter(None, (part.strip() for part in tag.parts))))
    texts = (key, *parts)
    if not key or not parts or len(parts) > MOST_PARTS:
        raise BadUsage("remark_tags_invalid", value=key)
    if any(len(text) > LONGEST or not text.isprintable() for text in texts):
        raise BadUsage("remark_tags_invalid", value=key)
    return RemarkTag(key, parts)


def receiver_key_shops(connection: Connection) -> frozenset[int]:
    """Ids of the shops that take receivers as a key."""
    text = connection.scalar(select(settings.c.value).where(settings.c.key == RECEIVERS))
    return frozenset(json.loads(text)) if text else frozenset()


def set_receiver_key(store: Store, scope: Scope, shop_id: int, *, on: bool) -> None:
    """Let receivers of a shop be a key, by a hash only this installation can make; or no longer."""
    _check(scope)
    if on:
        buyers_key(store.settings)
    with store.write() as connection:
        if shop_id not in {shop.id for shop in all_shops(connection)}:
            raise NotFound("not_found", what=shop_id)
        held = receiver_key_shops(connection)
        _put(connection, RECEIVERS, _sorted(held | {shop_id} if on else held - {shop_id}))
        now = store.settings.now()
        record_action(connection, now, scope.user, "receiver_key", role=scope.role, shop=shop_id, on=on)


def _sorted(ids: Iterable[int]) -> list[int] | None:
    return sorted(ids) or None


def _put(connection: Connection, key: str, value: object) -> None:
    """Keep a setting; nothing takes it away."""
    connection.execute(delete(settings).where(settings.c.key == key))
    if value is not None:
        text = json.dumps(value, ensure_ascii=False)
        connection.execute(insert(settings).values(key=key, value=text))


def _check(scope: Scope) -> None:
    if not may_change(scope.role):
        raise NotAllowed(role=scope.role)
