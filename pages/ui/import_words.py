"""What an import says about a file, as sentences and tables in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from pages.ui import numbers
from pages.ui.tables import Column, Grid
from shopdata.imports.results import Notice, Preview, Refusal, RejectLine, error_sentence, sentence
from shopdata.store.schema import COUNT, FIGURE, MOMENT, MONEY, TALLY
from shopdata.store.tables import ENTITIES
from shopdata.words import Words

WHY = 4
GROUPS = ("orders.fields", "ui.fields")
OF_WORDS = {"status": "ui.statuses", "aftersale_status": "ui.aftersale_statuses", "source": "ui.sources"}
NUMBERS = (COUNT, TALLY, FIGURE)
SHARES = ("rate", "service_rate")
MEANINGS = {
    "metric": "metrics.{}.label",
    "kind": "ui.meanings.costs.kind.{}",
    "scope": "ui.meanings.ads.scope.{}",
    "grain": "ui.meanings.ads.grain.{}",
    "source": "ui.sources.{}",
}
_TYPES = {name: kind for entity in ENTITIES.values() for name, kind in entity.columns}


def unit_of(field: str) -> str:
    """How a canonical column is shown."""
    kind = _TYPES.get(field)
    return "fen" if kind is MONEY else "time" if kind is MOMENT else "number" if kind in NUMBERS else "text"


def typed(words: Words, row: Mapping[str, object]) -> dict[str, Any]:
    """A typed row of a look as cells: times as times, days as days, our own words in the reader's."""
    return {field: _cell(words, field, value) for field, value in row.items()}


def _cell(words: Words, field: str, value: object) -> object:
    if _TYPES.get(field) is MOMENT and isinstance(value, str):
        at = datetime.fromisoformat(value)
        return at if at.time() != time() else at.date()
    if isinstance(value, float):
        return numbers.ratio(value, words) if field in SHARES else f"{value:,g}"
    if field in MEANINGS and isinstance(value, str):
        return " + ".join(_meaning(words, field, one) for one in value.split("+"))
    return value


def _meaning(words: Words, field: str, one: str) -> str:
    """A word of ours in the reader's language; of all sources only traffic speaks."""
    return words.get(MEANINGS[field].format(one), words.get(f"ui.meanings.traffic.source.{one}", one))


def format_name(words: Words, key: str | None) -> str:
    """What a format is called."""
    return words.get(f"ui.formats.{key}", key or words("ui.unknown"))


def has_name(words: Words, field: str) -> bool:
    """Whether a column means something to people (numbers for our own use do not)."""
    return f"orders.fields.{field}" in words.entries or f"ui.fields.{field}" in words.entries


def field_name(words: Words, field: str) -> str:
    """What a canonical column is called."""
    known = (f"{group}.{name}" for name in (field, field.lstrip("_")) for group in GROUPS)
    return next((words(key) for key in known if key in words.entries), field)


def meaning_name(words: Words, table: str, field: str, meaning: str) -> str:
    """What a word of a table's column means, in words."""
    everywhere = words.get(f"{OF_WORDS.get(field)}.{meaning}", meaning)
    return words.get(f"ui.meanings.{table}.{field}.{meaning}", everywhere)


def typed_grid(words: Words, rows: Sequence[Mapping[str, object]]) -> Grid:
    """The first rows of a file as they are understood, columns that mean something to people."""
    fields = [name for name in dict.fromkeys(name for row in rows for name in row) if has_name(words, name)]
    columns = [Column(name, field_name(words, name), unit_of(name)) for name in fields]
    return Grid.of(columns, [typed(words, row) for row in rows])


def verdict(words: Words, look: Preview) -> str:
    """What the file is, why, for which shop, and what it holds."""
    known = [header for header, field in look.columns if field][:WHY]
    parts = [
        words("pages.import.is", format=format_name(words, look.format), why=" ".join(known)),
        words("pages.import.rows", rows=f"{look.rows:,}", accepted=f"{look.accepted:,}"),
    ]
    if look.first_at and look.last_at:
        span = words("ui.filters.from_to", start=f"{look.first_at:%Y-%m-%d}", end=f"{look.last_at:%Y-%m-%d}")
        parts.append(span)
    if look.as_of:
        parts.append(words("pages.import.as_of", at=numbers.moment(look.as_of, words)))
    if look.shop:
        parts.append(words("pages.import.to_shop", shop=look.shop))
    return " · ".join(parts)


def refusal(words: Words, error: Refusal) -> str:
    """Why nothing of a file is stored."""
    return error_sentence(words, error.code, error.details)


def notice(words: Words, one: Notice) -> str:
    """Something in the file nobody should have to guess."""
    return sentence(words, "warnings", one.code, rows=f"{one.rows:,}", column=one.column, value=one.value)


def reject_grid(words: Words, rejects: Sequence[RejectLine]) -> Grid:
    """Rejected rows: where, which cell, why."""
    columns = [
        Column("row", words("pages.import.reject.row"), "number"),
        Column("column", words("pages.import.reject.column")),
        Column("value", words("pages.import.reject.value")),
        Column("why", words("pages.import.reject.why")),
    ]
    rows = [
        {
            "row": one.row,
            "column": one.column,
            "value": one.value,
            "why": reason(words, one),
        }
        for one in rejects
    ]
    return Grid.of(columns, rows)


def reason(words: Words, one: RejectLine) -> str:
    """Why a row was left out."""
    return sentence(words, "rejects", one.code, row=one.row, column=one.column, value=one.value)
