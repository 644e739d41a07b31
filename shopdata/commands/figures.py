"""``metrics``, ``series`` and every analysis: documents with ``--json``, aligned tables without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from shopdata.commands import documents, parser, printing
from shopdata.commands.analyses import ANALYSES
from shopdata.commands.asked import Asked
from shopdata.commands.context import Context, Options
from shopdata.metrics.catalogue import CATALOGUE

TABLE_KEYS = (
    "orders_placed", "orders_paid", "pay_rate", "paid_amount", "average_order_value", "refund_amount",
    "refund_rate", "return_rate", "net_amount",
)  # fmt: skip
Document = Mapping[str, Any]
Show = Callable[[Context, Document], None]


def _label(context: Context, key: str) -> str:
    return context.words.get(f"metrics.{key}.label", key)


def _heading(context: Context, document: Document) -> None:
    """Period, basis and freshness above every table; they belong to each figure."""
    words = context.words
    known = [(words("cli.data_up_to"), printing.moment(document.get("data_up_to"), words))]
    if document.get("from") or document.get("to"):
        period = f"{document.get('from') or '…'} – {document.get('to') or '…'}"
        known.insert(0, (words("cli.period"), period))
    if document.get("basis"):
        known.append((words("cli.basis"), words(f"cli.bases.{document['basis']}")))
    if document.get("currency"):
        known.append((words("cli.currency"), str(document["currency"])))
    context.show(printing.pairs(known) + "\n")


def _unit(key: str) -> str:
    metric = CATALOGUE.get(key)
    return metric.unit if metric is not None else ""


def _run(context: Context, options: Options, name: str, show: Show) -> int:
    """Answer a question: the document with ``--json``, else its heading and what ``show`` makes of it."""
    texts = parser.texts(options, documents.PARAMETERS[name])
    document = documents.answer(Asked(context.store, context.settings, context.words), name, texts)
    if context.as_json:
        context.document(document)
    else:
        _heading(context, document)
        show(context, document)
    return 0


def run_metrics(context: Context, options: Options) -> int:
    """The metric table: every metric of the total, or the main ones a row where it is split."""
    return _run(context, options, "metrics", _metrics)


def _metrics(context: Context, document: Document) -> None:
    if not document["by"]:
        rows = [_total_row(context, document, key) for key in document["total"] if key in CATALOGUE]
        context.show(printing.table((context.words("cli.metric"), context.words("cli.value"), ""), rows))
        return
    header = [context.words("cli.group"), *(_label(context, key) for key in TABLE_KEYS)]
    lines = [(row["label"], row) for row in document["rows"]]
    lines.append((context.words("cli.total"), document["total"]))
    rows = [[str(label), *_figures(context, values)] for label, values in lines]
    context.show(printing.table(header, rows))


def _figures(context: Context, values: Mapping[str, Any]) -> list[str]:
    return [printing.figure(values.get(key), _unit(key), context.words) for key in TABLE_KEYS]


def _total_row(context: Context, document: Document, key: str) -> list[str]:
    total = document["total"]
    note = ""
    if total[key] is None and key in document["missing"]:
        kind = document["missing"][key]
        note = context.words("cli.missing", file=context.words.get(f"ui.kinds.{kind}", kind))
    elif total.get(f"{key}_low") is not None:
        ends = (total[f"{key}_{end}"] for end in ("low", "high"))
        low, high = (printing.figure(end, "ratio", context.words) for end in ends)
        note = f"{total[f'{key}_n']:,}/{total[f'{key}_d']:,}  95% {low}–{high}"
    return [_label(context, key), printing.figure(total[key], _unit(key), context.words), note]


def run_series(context: Context, options: Options) -> int:
    """One metric over time."""
    return _run(context, options, "series", _series)


def _series(context: Context, document: Document) -> None:
    metric = document["metric"]
    unit = _unit(metric)
    rows = [
        [
            str(row["key"]),
            printing.figure(row["value"], unit, context.words),
            printing.figure(row.get("n"), "", context.words),
            _remark(context, row, unit),
        ]
        for row in document["rows"]
    ]
    header = (context.words("cli.day"), _label(context, metric), "n", "")
    context.show(printing.table(header, rows))
    _notes(context, document)


def _remark(context: Context, row: Mapping[str, Any], unit: str) -> str:
    """What a point is not: whole, or measured; a forecast with its 80 % interval."""
    if row.get("forecast"):
        low, high = (printing.figure(row[end], unit, context.words) for end in ("low", "high"))
        return context.words("cli.forecast", low=low, high=high)
    return context.words("cli.partial") if row.get("partial") else ""


def _notes(context: Context, document: Document) -> None:
    for sentence in document.get("notes", ()):
        context.show(f"\n{printing.plain(sentence)}")


def run_analysis(context: Context, options: Options) -> int:
    """Any analysis: its rows with the columns it declares, and its total."""
    analysis = ANALYSES[options.command]
    return _run(context, options, analysis.name, partial(_analysis, analysis.columns))


def _analysis(columns: Mapping[str, str], context: Context, document: Document) -> None:
    lines = [(str(row.get("label", row["key"])), row) for row in document["rows"]]
    if document.get("total"):
        lines.append((context.words("cli.total"), document["total"]))
    shown = {key: unit or _unit(key) for key, unit in columns.items() if any(key in row for _, row in lines)}
    header = [context.words("cli.group"), *(_heading_of(context, key) for key in shown)]
    rows = [[label, *(_cell(context, row, key, unit) for key, unit in shown.items())] for label, row in lines]
    context.show(printing.table(header, rows))
    _notes(context, document)


def _cell(context: Context, row: Mapping[str, Any], key: str, unit: str) -> str:
    """A cell in its column's unit, else in the one its row names."""
    return printing.figure(row.get(key), unit or str(row.get("unit", "")), context.words)


def _heading_of(context: Context, key: str) -> str:
    return context.words.get(f"metrics.{key}.label", context.words.get(f"cli.columns.{key}", key))
