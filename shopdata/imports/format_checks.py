"""Whether a format suits the store and leaves the other formats alone: the same for built-in and own ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.errors import FormatBroken
from shopdata.imports.scoping import is_currency, is_zone
from shopdata.ingest.formats import Match, match
from shopdata.ingest.rules import RULES, SIDE_KEYS
from shopdata.platforms import Field, Format, formats, header_key
from shopdata.store.tables import ENTITIES, ORDER_LINES, Entity

PLATFORMS = ("douyin", "taobao", "kuaishou", "other")
LONGEST_SHAPE = 100
ROUNDED = ("6.92E+18", "6.91793E+18", "6.92e18")
MARKS = (".", ",")
KEYS_MADE = {
    "line_ids": "line_id", "main_order": "line_id", "order_row": "line_id", "party": "party_id",
    "line_is_order": "line_id",
    "delivered": "waybill",
}  # fmt: skip
RULE_WORDS: Mapping[str, tuple[str, ...]] = {
    "source": ("ad_channel", "channel"),
    "paid_by_status": ("paid_statuses",),
    "order_parcels": ("couriers",),
    "refund_kind": ("unshipped",),
    "kind_by_return": ("needs_return",),
    "dispute": ("no_arbitration",),
    "transit": ("no_transit", "handed_over"),
    "time_by_tab": ("tab", "state"),
}


def check(one: Format) -> None:
    """Raises ``FormatBroken`` where the format speaks of what the store or the rules do not know."""
    file = f"{one.key}.toml"
    entity = ENTITIES.get(one.table)
    if entity is None:
        raise FormatBroken("format_entry_wrong", file=file, entry="table")
    wrong = {
        "kind": entity.kind != one.kind,
        "platform": one.platform not in PLATFORMS,
        "row_key": one.row_key != entity.key,
        "beside": bool({*one.beside} - SIDE_KEYS.keys()),
        "currency": one.currency != "" and not is_currency(one.currency),
        "zone": one.zone != "" and not is_zone(one.zone),
    }
    for entry in (entry for entry, is_wrong in wrong.items() if is_wrong):
        raise FormatBroken("format_entry_wrong", file=file, entry=entry)
    stored = {field.name for field in one.fields.values() if field.stored}
    named = stored | {field.raw for field in one.fields.values() if field.raw} | one.constants.keys()
    if strange := named - {*entity.state_columns, *entity.key}:
        raise FormatBroken("format_column_unknown", file=file, entry=", ".join(sorted(strange)))
    _check_rules(one, file)
    _check_keys(one, entity, file)
    for field in one.fields.values():
        _check_field(one, field, file)
    if "status" in one.fields and set(one.fields["status"].words.values()) - one.ranks.keys():
        raise FormatBroken("format_entry_missing", file=file, entry="ranks")


def _check_field(one: Format, field: Field, file: str) -> None:
    needs_shape = field.type in ("id", "order_list")
    if needs_shape != bool(field.shape) or not _is_shape(field.shape):
        raise FormatBroken("format_entry_wrong", file=file, entry=f"fields.{field.name}.shape")
    if field.decimal not in MARKS:
        raise FormatBroken("format_entry_wrong", file=file, entry=f"fields.{field.name}.decimal")
    if strange := set(field.words.values()) - meanings(one.table, field.name) - {"unknown"}:
        raise FormatBroken("format_meaning_unknown", file=file, entry=", ".join(sorted(strange)))


def _check_rules(one: Format, file: str) -> None:
    for rule in one.rules:
        if rule not in RULES:
            raise FormatBroken("format_entry_wrong", file=file, entry=f"rules: {rule}")
        if lacking := [name for name in RULE_WORDS.get(rule, ()) if name not in one.rule_words]:
            raise FormatBroken("format_entry_missing", file=file, entry=f"rule_words.{lacking[0]}")


def _check_keys(one: Format, entity: Entity, file: str) -> None:
    """What tells rows apart must be in every file: a constant, a required column, or made by a rule."""
    certain = {*one.constants, *(group[0] for group in one.required if len(group) == 1)}
    certain |= {KEYS_MADE[rule] for rule in one.rules if rule in KEYS_MADE}
    certain |= {entity.key[-1]} if "made_key" in one.rules and one.made_key else set()
    told_by = {*entity.key} | ({entity.order_key} if entity is ORDER_LINES else set())
    if lacking := told_by - certain:
        raise FormatBroken("format_entry_missing", file=file, entry=", ".join(sorted(lacking)))


def _is_shape(shape: str) -> bool:
    """Whether both engines that read ids understand the shape, and it lets no rounded id pass."""
    try:
        re.compile(shape)
        pc.match_substring_regex(pa.array([""]), f"^(?:{shape})$")
        rounded = shape and any(re.fullmatch(shape, one) for one in ROUNDED)
    except (re.error, pa.ArrowInvalid):
        return False
    return len(shape) <= LONGEST_SHAPE and not rounded


@cache
def meanings(table: str, field: str) -> frozenset[str]:
    """What the words of a column of a table may mean: whatever a built-in format makes of them."""
    known = [one.fields[field] for one in formats().values() if one.table == table and field in one.fields]
    return frozenset(meaning for one in known for meaning in one.words.values())


def check_apart(one: Format, others: Iterable[Format]) -> None:
    """Raises ``FormatBroken`` where a file of ``one`` is read as another format already, or where ``one``
    would be taken for a file of the other, or be as good a guess."""
    for other in others:
        if other.by_content or other.key == one.key:
            continue
        theirs = match(other, other.header_names)
        found = _fit(one, other.header_names)
        near = found and (found.matched, found.distinguishing) >= (theirs.matched, theirs.distinguishing)
        if near or _fit(other, one.header_names):
            raise FormatBroken("format_too_near", file=f"{one.key}.toml", format=other.key)


def _fit(one: Format, headers: tuple[str, ...]) -> Match | None:
    """How ``one`` fits a file with all these headers, or ``None`` where it would not be taken for it."""
    names = {header_key(header) for header in headers}
    if names & one.foreign_keys:
        return None
    found = match(one, headers)
    return found if found.fits else None
