"""Formats beside the built-in ones: a merchant's own TOML files, in the grammar of the built-in ones.

Such a file is not ours, so its grammar is checked before it is read, and one that is wrong is explained.
Whether it suits the store, and where such files lie, is in ``shopdata.imports.own_formats``.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shopdata.errors import FormatBroken
from shopdata.platforms import FIELD_TYPES, Field, Format, formats, read_format

LARGEST = 1 << 18
NEEDED = ("platform", "kind", "table", "fields", "required", "key_fields", "row_key")

Check = Callable[[Any], bool]
Stamp = tuple[Path, int, int]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _groups(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_texts(one) and one for one in value)


def _table_of(check: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(map(check, value.values()))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -128 < value < 128


WORDS = _table_of(_texts)
BY_TYPE: Mapping[str, Check] = {
    "str": _text,
    "bool": _flag,
    "tuple[str, ...]": _texts,
    "tuple[tuple[str, ...], ...]": _groups,
    "Mapping[str, str]": _table_of(_text),
    "Mapping[str, int]": _table_of(_whole),
    "Mapping[str, Mapping[str, str]]": _table_of(WORDS),
    "Mapping[str, Field]": _table_of(lambda value: isinstance(value, dict)),
}


def _entries(described: type, *apart: str) -> dict[str, Check]:
    """What a TOML table may hold: an entry for each attribute of the value it becomes."""
    return {
        one.name: BY_TYPE[str(one.type)]
        for one in dataclasses.fields(described)
        if one.init and one.name not in apart
    }


ENTRIES: Mapping[str, Check] = _entries(Format, "key") | {"extends": _text}
FIELD_ENTRIES: Mapping[str, Check] = _entries(Field, "name") | {
    "type": lambda value: value in FIELD_TYPES,
    "words": WORDS,
}


def read_own(path: Path) -> Format:
    """The format of one of the merchant's files. Raises ``FormatBroken`` with the file and what is wrong."""
    entry = _parsed(path)
    extended = entry.get("extends")
    if extended is not None and extended not in formats():
        raise FormatBroken("format_entry_wrong", file=path.name, entry="extends")
    _refuse_wrong(path, entry, ENTRIES, "")
    fields = entry.get("fields", {})
    for name, one in fields.items():
        _refuse_wrong(path, one, FIELD_ENTRIES, f"fields.{name}.")
    if not extended:
        missing = [name for name in NEEDED if name not in entry]
        missing += [f"fields.{name}.headers" for name, one in fields.items() if "headers" not in one]
        if missing:
            raise FormatBroken("format_entry_missing", file=path.name, entry=", ".join(missing))
    try:
        described = read_format(path)
    except (ValueError, KeyError, TypeError) as fault:
        raise FormatBroken("format_contradicts", file=path.name, detail=str(fault)) from fault
    if described.reference:
        raise FormatBroken("format_entry_wrong", file=path.name, entry="reference")
    return described


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise FormatBroken("format_too_large", file=path.name, limit=LARGEST >> 10)
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise FormatBroken("format_not_toml", file=path.name, detail=str(fault)) from fault
    except OSError as fault:
        raise FormatBroken("format_unreadable", file=path.name) from fault


def _refuse_wrong(path: Path, entry: Mapping[str, Any], known: Mapping[str, Check], inside: str) -> None:
    for name, value in entry.items():
        if name not in known or not known[name](value):
            raise FormatBroken("format_entry_wrong", file=path.name, entry=f"{inside}{name}")


def stamp(path: Path) -> Stamp:
    """What changes when a file does."""
    status = path.stat()
    return path, status.st_mtime_ns, status.st_size


@lru_cache(maxsize=8)
def _with(stamps: tuple[Stamp, ...]) -> Mapping[str, Format]:
    own = {path.stem: read_own(path) for path, _, _ in stamps if path.stem not in formats()}
    return MappingProxyType({**formats(), **own})


def with_own(paths: Sequence[Path]) -> Mapping[str, Format]:
    """The built-in formats and those of ``paths``, files that were found good before, by key."""
    return _with(tuple(stamp(path) for path in paths)) if paths else formats()
