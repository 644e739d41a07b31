"""What a described file can hold: a template a kind of rows, with the names and words its fields go by.

Names and words are those of the template and those of every built-in format of the same table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from shopdata.platforms import FOLDER, Field, Format, formats, header_key, read_format

KINDS = ("orders", "order_lines", "aftersales", "commissions", "parcels")


@dataclass(frozen=True, slots=True)
class Known:
    """A field of a template: ``names`` it goes by, squeezed, and what each word means that it may hold."""

    field: Field
    names: frozenset[str]
    words: Mapping[str, str]

    @property
    def meanings(self) -> tuple[str, ...]:
        """What a word of it may mean."""
        return tuple(dict.fromkeys(self.words.values()))


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of rows: the format a description starts from, and its fields."""

    format: Format
    fields: Mapping[str, Known]


def squeezed(name: str) -> str:
    """A header for comparison by its letters and digits alone: ``order_id`` and ``Order ID`` are one."""
    return re.sub(r"[\W_]+", "", header_key(name))


@cache
def templates() -> Mapping[str, Template]:
    """Every template by its kind of rows."""
    found = (read_format(FOLDER / "templates" / f"{kind}.toml") for kind in KINDS)
    return MappingProxyType({one.key: Template(one, _fields(one)) for one in found})


def _fields(template: Format) -> Mapping[str, Known]:
    alike = [one for one in formats().values() if one.table == template.table]
    return MappingProxyType(
        {
            name: _known(field, [one.fields[name] for one in alike if name in one.fields])
            for name, field in template.fields.items()
        }
    )


def _known(field: Field, alike: list[Field]) -> Known:
    names = (header for one in (field, *alike) for header in one.headers)
    words = {word: meaning for one in (*alike, field) for word, meaning in one.words.items()}
    return Known(field, frozenset(filter(None, map(squeezed, names))), MappingProxyType(words))
