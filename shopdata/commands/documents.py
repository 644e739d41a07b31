"""The JSON documents of the contract, made once for the command line and for the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from shopdata.analysis import forecast_told
from shopdata.analysis.forecast import MOST_STEPS, forecast
from shopdata.commands import questions, status
from shopdata.commands.analyses import ANALYSES
from shopdata.commands.asked import Asked, Json
from shopdata.commands.questions import Texts
from shopdata.errors import BadUsage
from shopdata.imports.coverage import data_up_to
from shopdata.imports.own_formats import catalogue
from shopdata.imports.results import error_sentence
from shopdata.imports.scoping import shops_in
from shopdata.metrics.catalogue import CATALOGUE
from shopdata.metrics.series import metric_series
from shopdata.metrics.table import metric_table
from shopdata.orders.privacy import PERSONAL, masked
from shopdata.orders.query import PAGE, SORTS, order_page, order_totals
from shopdata.orders.rows import OrderRow
from shopdata.platforms import Format
from shopdata.settings import Settings
from shopdata.words import Words

MOST_ROWS = 1000
ORDER_KEYS = tuple(field.name for field in fields(OrderRow))


def answer(asked: Asked, name: str, texts: Texts) -> Json:
    """The document called ``name`` (``metrics``, ``series`` …) for parameters as text.

    Raises ``BadUsage`` for parameters that cannot be meant, ``MetricUnavailable`` where a file is missing.
    """
    questions.check_names(PARAMETERS[name], texts)
    return ANSWERS[name](asked, texts)


def _metrics(asked: Asked, texts: Texts) -> Json:
    scope = questions.scope(asked.store, texts, asked.asker)
    by = ",".join(questions.listed(texts, "by")) or None
    return metric_table(asked.store, scope, by=by).as_json(asked.words)


def _series(asked: Asked, texts: Texts) -> Json:
    key = questions.one(texts, "metric") or ""
    if key not in CATALOGUE:
        raise BadUsage("metric_unknown", key=key)
    scope = questions.scope(asked.store, texts, asked.asker)
    by = questions.among("by", questions.one(texts, "by") or "day", questions.STEPS)
    document = metric_series(asked.store, scope, key, by=by).as_json(asked.words)
    if questions.one(texts, "forecast") is None:
        return document
    count = questions.number(texts, "forecast", 1, 1, MOST_STEPS)
    found = forecast(asked.store, scope, key, by=by, count=count)
    ahead = forecast_told.rows(found)
    kept = [row for row in document["rows"] if row["key"] not in {one["key"] for one in ahead}]
    return document | {
        "rows": [*kept, *ahead],
        "forecast": forecast_told.document(found, asked.words),
        "notes": forecast_told.sentences(found, asked.words),
    }


def _orders(asked: Asked, texts: Texts) -> Json:
    """Up to ``limit`` orders (50; at most 1,000) and the totals of the whole selection."""
    scope = questions.scope(asked.store, texts, asked.asker)
    chosen = questions.order_filter(texts)
    sort = questions.among("sort", questions.one(texts, "sort") or "placed", SORTS)
    keys = questions.listed(texts, "fields") or ORDER_KEYS
    for key in keys:
        if key not in ORDER_KEYS:
            raise BadUsage("field_unknown", field=key)
    limit = questions.number(texts, "limit", PAGE, 1, MOST_ROWS)
    page = order_page(asked.store, scope, chosen, sort=sort, limit=limit)  # type: ignore[arg-type]
    totals = order_totals(asked.store, scope, chosen)
    with asked.store.read() as connection:
        shops = shops_in(connection, scope)
    up_to = data_up_to(asked.store, shops)
    return {
        "data_up_to": _plain(up_to),
        "currency": totals.currency,
        "rows": [{key: _shown(row, key) for key in keys} for row in page.rows],
        "total": {
            name: getattr(totals, name)
            for name in ("orders", "orders_paid", "units", "paid_amount", "refund_amount")
        },
        "more": page.next is not None,
    }


def _shown(row: OrderRow, key: str) -> object:
    """A field of an order; buyers are masked here for every role (an export can reveal them, logged)."""
    value = getattr(row, key)
    return masked(key, value) if key in PERSONAL else _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _status(asked: Asked, texts: Texts) -> Json:
    return status.document(asked.store, asked.settings)


def _formats(asked: Asked, texts: Texts) -> Json:
    return formats_document(asked.settings, asked.words)


def formats_document(settings: Settings, words: Words) -> Json:
    """Every format that can be read, and the files of the merchant's own that are no format, and why."""
    known = catalogue(settings)
    broken = [
        {"code": one.code, "message": error_sentence(words, one.code, one.details)} for one in known.broken
    ]
    return {"formats": [format_entry(one, known.own) for one in known.formats.values()], "broken": broken}


def format_entry(one: Format, own: Sequence[str]) -> Json:
    """One supported format: its platform, kind of file, and the headers it knows by canonical column."""
    return {
        "key": one.key,
        "own": one.key in own,
        "platform": one.platform,
        "kind": one.kind,
        "required": [list(group) for group in one.required],
        "columns": {name: list(field.headers) for name, field in one.fields.items() if field.stored},
        "headers": list(one.header_names),
    }


ANSWERS: Mapping[str, Callable[[Asked, Texts], Json]] = {
    "metrics": _metrics,
    "series": _series,
    **{name: analysis.ask for name, analysis in ANALYSES.items()},
    "orders": _orders,
    "status": _status,
    "formats": _formats,
}
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    **questions.OWN_PARAMETERS,
    **{name: analysis.parameters for name, analysis in ANALYSES.items()},
}
