"""File formats as data: one TOML file describes one export; this module reads them into frozen values.

To add a platform is to add its TOML files (docs/contributing.md). Nothing here looks at a file of a shop.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

NOISE = " \t\r\n\ufeff\u200b\u00a0\u3000"
QUOTING = NOISE + "'\"=`"
FOLDER = Path(__file__).parent
FIELD_TYPES = frozenset(
    [
        "id",
        "ref",
        "text",
        "code",
        "money",
        "discount",
        "count",
        "ratio",
        "time",
        "word",
        "province",
        "city",
        "address",
        "order_list",
        "amount",
        "tally",
        "number",
        "period",
        "month",
        "clock",
    ]
)
LISTS = ("beside", "key_fields", "row_key", "made_key", "distinguishing", "unless", "known", "rules")


def plain(text: str) -> str:
    """A header or word for comparison: no spaces or BOM, half-width forms, small letters."""
    return "".join(unicodedata.normalize("NFKC", text.strip(QUOTING)).lower().split())


def header_key(text: str) -> str:
    """A header for comparison: like ``plain``, and without the unit "(yuan)" behind it."""
    return plain(text).removesuffix("(\u5143)")


def places_of(headers: Sequence[str]) -> dict[str, int]:
    """The first position of each header, by what it is compared as."""
    places: dict[str, int] = {}
    for position, header in enumerate(headers):
        places.setdefault(header_key(header), position)
    return places


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical column: which headers bring it and how its cells are read.

    ``role``: ``event`` and ``promised`` tell what a time is, ``range`` also counts for first and last day.
    ``raw``: the canonical column that keeps the word as exported. ``match``: words fit ``whole`` or as a
    ``part`` of the cell, in the order they are written. ``joined``: a cell may hold several values with ";".
    ``shape``: what an id looks like. ``decimal``: the mark before the cents of an amount. ``needed``: a row
    whose cell is empty is rejected. ``units``: what may stand behind a number. Of a ``period``, ``raw`` is
    the column of its last day. A name with a leading underscore feeds rules and is not stored.
    """

    name: str
    headers: tuple[str, ...]
    type: str
    role: str = ""
    raw: str = ""
    match: str = "whole"
    negative: bool = False
    needed: bool = False
    joined: bool = False
    empty: tuple[str, ...] = ()
    shape: str = ""
    units: tuple[str, ...] = ()
    decimal: str = "."
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def stored(self) -> bool:
        """Whether the store has a column of this name."""
        return not self.name.startswith("_")


@dataclass(frozen=True, slots=True)
class Format:
    """One export of one platform, as its TOML file describes it.

    ``beside``: tables that rules may make further rows for. ``made_key``: the columns that the last column of
    ``row_key`` is made of where the export prints no number of its own; ``numbered``: rows alike in them are
    told apart by their turn in the file. ``ragged``: empty cells at the end of a row may be left out with
    their commas. ``reference``: a file the shop keeps itself or takes from a board:
    of two states of a row the one uploaded later is newer, and lines of totals are rejected. ``filled``:
    groups of columns of which a row must fill one. ``spread``: the value of ``spread_kind`` → the column
    whose amount makes a row of that kind. ``currency`` and ``zone``: what its amounts and times are in,
    where that is not what shops are made with. ``header_keys``, ``telling_keys`` (of ``distinguishing``),
    ``foreign_keys`` (of ``unless``) and ``field_keys``: headers as they are compared.
    """

    key: str
    platform: str
    kind: str
    table: str
    fields: Mapping[str, Field]
    required: tuple[tuple[str, ...], ...]
    key_fields: tuple[str, ...]
    row_key: tuple[str, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    made_key: tuple[str, ...] = ()
    numbered: bool = False
    ragged: bool = False
    distinguishing: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    by_main: str = ""
    by_content: bool = False
    explanation_rows: bool = False
    reference: bool = False
    filled: tuple[tuple[str, ...], ...] = ()
    spread_kind: str = ""
    spread: Mapping[str, str] = field(default_factory=dict)
    exported_name: str = ""
    exported_form: str = ""
    ranks: Mapping[str, int] = field(default_factory=dict)
    rule_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    currency: str = ""
    zone: str = ""
    header_keys: frozenset[str] = field(init=False, repr=False, compare=False)
    telling_keys: frozenset[str] = field(init=False, repr=False, compare=False)
    foreign_keys: frozenset[str] = field(init=False, repr=False, compare=False)
    field_keys: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """What headers are compared with, made once: a search compares thousands."""
        keys = {one.name: tuple(map(header_key, one.headers)) for one in self.fields.values()}
        object.__setattr__(self, "header_keys", frozenset(map(header_key, self.header_names)))
        object.__setattr__(self, "telling_keys", frozenset(map(header_key, self.distinguishing)))
        object.__setattr__(self, "foreign_keys", frozenset(map(header_key, self.unless)))
        object.__setattr__(self, "field_keys", MappingProxyType(keys))

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table a file of this format may bring rows for, its own first."""
        return (self.table, *self.beside)

    @property
    def header_names(self) -> tuple[str, ...]:
        """Every header this format knows, as the platform writes it, used or not."""
        used = (header for one in self.fields.values() for header in one.headers)
        return tuple(dict.fromkeys((*used, *self.known)))

    def columns_of(self, headers: Sequence[str]) -> dict[str, int]:
        """Canonical field → position for the headers of a file; a field's first alias that occurs wins."""
        return self.columns_at(places_of(headers))

    def columns_at(self, places: Mapping[str, int]) -> dict[str, int]:
        """As ``columns_of``, for what ``places_of`` makes of the headers."""
        found: dict[str, int] = {}
        for name, keys in self.field_keys.items():
            position = next((places[key] for key in keys if key in places), None)
            if position is not None:
                found[name] = position
        return found

    def missing(self, found: Mapping[str, int]) -> tuple[tuple[str, ...], ...]:
        """Required groups of which the file has no column."""
        return tuple(group for group in self.required if not any(name in found for name in group))


def _by_word(words: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    return MappingProxyType(
        {plain(word): meaning for meaning, all_words in words.items() for word in all_words}
    )


def _field(name: str, entry: Mapping[str, Any]) -> Field:
    values = {"type": "text"} | dict(entry)
    if values["type"] not in FIELD_TYPES:
        raise ValueError(f"{name}: no such field type {values['type']!r}")
    values["words"] = _by_word(values.get("words", {}))
    values["headers"] = tuple(values["headers"])
    values["empty"] = tuple(values.get("empty", ()))
    values["units"] = tuple(values.get("units", ()))
    return Field(name=name, **values)


def _entry(path: Path) -> dict[str, Any]:
    """One TOML file, with what it leaves out taken from the format it ``extends``."""
    entry = tomllib.loads(path.read_text(encoding="utf-8"))
    if base := entry.pop("extends", None):
        inherited = _entry(FOLDER / f"{base}.toml")
        fields = {name: inherited["fields"].get(name, {}) | one for name, one in entry["fields"].items()}
        entry = inherited | entry | {"fields": inherited["fields"] | fields}
    return entry


def read_format(path: Path) -> Format:
    """The format one TOML file describes. Raises ``ValueError`` where the file contradicts itself."""
    entry = _entry(path)
    fields = {name: _field(name, one) for name, one in entry.pop("fields").items()}
    required = tuple(tuple(group) for group in entry.pop("required"))
    if unknown := {name for group in required for name in group} - fields.keys():
        raise ValueError(f"{path.name}: required but not described: {sorted(unknown)}")
    entry["filled"] = tuple(tuple(group) for group in entry.get("filled", ()))
    for name in LISTS:
        entry[name] = tuple(entry.get(name, ()))
    entry["rule_words"] = {name: _by_word(words) for name, words in entry.get("rule_words", {}).items()}
    return Format(key=path.stem, fields=fields, required=required, **entry)


@cache
def total_words() -> frozenset[str]:
    """What a cell says where its row sums up others."""
    path = Path(__file__).parent / "data" / "totals.toml"
    return frozenset(plain(word) for word in tomllib.loads(path.read_text(encoding="utf-8"))["words"])


@cache
def formats() -> Mapping[str, Format]:
    """Every built-in format by key, in the order of their keys (``own`` adds those of a merchant)."""
    return MappingProxyType({path.stem: read_format(path) for path in sorted(FOLDER.glob("*.toml"))})
