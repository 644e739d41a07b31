"""A draft as the TOML text of a format. The writer knows only what formats are made of, and escapes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shopdata.imports.format_checks import RULE_WORDS
from shopdata.imports.wizard import guess
from shopdata.imports.wizard.draft import OWN_PLACES, Draft
from shopdata.ingest.results import ColumnValues, Described
from shopdata.platforms import Field, formats, header_key

BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_of(draft: Draft, described: Described) -> str:
    """The format a draft describes."""
    base = draft.template.format
    mapped = list(draft.columns.values())
    others = [one.header for one in described.columns if one.header not in mapped]
    entry: dict[str, Any] = {
        "platform": draft.platform,
        "kind": base.kind,
        "table": base.table,
        "beside": base.beside,
        "row_key": base.row_key,
        "key_fields": base.key_fields,
        "made_key": base.made_key,
        "required": _required(draft),
        "distinguishing": _distinguishing(mapped, others),
        "known": others,
        "rules": base.rules,
        "currency": draft.currency,
        "zone": draft.zone,
        "constants": base.constants,
        "ranks": base.ranks,
        "rule_words": {
            name: _by_meaning(base.rule_words[name])
            for rule in base.rules
            for name in RULE_WORDS.get(rule, ())
        },
        "fields": {
            name: _field(draft, described, name) for name in draft.template.fields if name in draft.columns
        },
    }
    return "\n".join(_lines({name: value for name, value in entry.items() if value})) + "\n"


def _required(draft: Draft) -> list[list[str]]:
    groups = ([name for name in group if name in draft.columns] for group in draft.template.format.required)
    return [group for group in groups if group]


def _distinguishing(mapped: Sequence[str], others: Sequence[str]) -> list[str]:
    """Headers no built-in format has: those of fields, else any."""
    taken = {key for one in formats().values() for key in one.header_keys}
    own = [[header for header in some if header_key(header) not in taken] for some in (mapped, others)]
    return own[0] or own[1]


def _field(draft: Draft, described: Described, name: str) -> dict[str, Any]:
    one = draft.template.fields[name].field
    column = next(column for column in described.columns if column.header == draft.columns[name])
    own_place = draft.places == OWN_PLACES and one.type in ("province", "city")
    entry: dict[str, Any] = {
        "headers": [column.header],
        "type": "text" if own_place else one.type,
        "role": one.role,
        "raw": one.raw,
        "match": one.match if one.match != "whole" else "",
        "negative": one.negative,
        "needed": one.needed,
        "shape": _shape(one, column),
        "decimal": draft.decimal if one.type == "money" and draft.decimal != "." else "",
        "words": _by_meaning(draft.words.get(name, {})),
    }
    return {key: value for key, value in entry.items() if value}


def _shape(one: Field, column: ColumnValues) -> str:
    if one.type == "order_list":
        return one.shape
    return (guess.id_shape(column) or guess.widest_shape()) if one.type == "id" else ""


def _by_meaning(words: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word, meaning in words.items():
        if meaning:
            found.setdefault(meaning, []).append(word)
    return found


def _lines(table: Mapping[str, Any], inside: str = "") -> Iterable[str]:
    """A TOML table: its plain entries first, then the tables in it."""
    for name, value in table.items():
        if not isinstance(value, Mapping):
            yield f"{_key(name)} = {_value(value)}"
    for name, value in table.items():
        if isinstance(value, Mapping):
            path = f"{inside}{_key(name)}"
            yield from ("", f"[{path}]", *_lines(value, f"{path}."))


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool | int):
        return str(value).lower()
    return f"[{', '.join(map(_value, value))}]"
