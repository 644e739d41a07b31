"""``orders``: a page of orders on the screen, or the whole selection into a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from shopdata.commands import documents, parser, printing, questions
from shopdata.commands.asked import Asked
from shopdata.commands.context import Context, Options
from shopdata.errors import BadUsage
from shopdata.orders.export import export_orders
from shopdata.orders.sheets import WRITERS

SHOWN = ("order_id", "status", "placed_at", "paid_at", "paid_amount", "refund_amount", "source", "products")


def run(context: Context, options: Options) -> int:
    """Write ``--out``, or show the newest orders of the selection."""
    texts = parser.texts(options, questions.OWN_PARAMETERS["orders"])
    if options.out is not None:
        return _export(context, options, texts)
    asked = Asked(context.store, context.settings, context.words)
    document: dict[str, Any] = documents.answer(asked, "orders", texts)
    if context.as_json:
        context.document(document)
        return 0
    keys = questions.listed(texts, "fields") or SHOWN
    rows = [[_cell(context, key, row[key]) for key in keys if key in row] for row in document["rows"]]
    header = [context.words.get(f"orders.fields.{key}", key) for key in keys]
    context.show(printing.table(header, rows, left=len(keys)))
    total = document["total"]
    context.show(
        "\n"
        + context.words(
            "cli.orders_total",
            shown=len(rows),
            orders=f"{total['orders']:,}",
            paid=f"{total['orders_paid']:,}",
            amount=printing.money(total["paid_amount"], context.words),
            refund=printing.money(total["refund_amount"], context.words),
        )
    )
    return 0


def _cell(context: Context, key: str, value: object) -> str:
    if value is None:
        return context.words("cli.none")
    if key.endswith("_amount"):
        return printing.money(int(str(value)), context.words)
    if key.endswith("_at") or key == "as_of":
        return printing.moment(str(value), context.words)
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    known = {"status": "ui.statuses", "source": "ui.sources", "platform": "ui.platforms"}
    return context.words.get(f"{known[key]}.{value}", str(value)) if key in known else str(value)


def _export(context: Context, options: Options, texts: questions.Texts) -> int:
    path: Path = context.path(options.out)
    if path.suffix.lower() not in WRITERS:
        raise BadUsage("out_unknown", path=path.name)
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise BadUsage("path_unwritable", path=options.out)
    questions.check_names(questions.OWN_PARAMETERS["orders"], texts)
    made = export_orders(
        context.store,
        questions.scope(context.store, texts, questions.LOCAL),
        questions.order_filter(texts),
        path,
        fields=questions.listed(texts, "fields"),
        reveal=options.reveal,
        language=context.words.language,
    )
    if context.as_json:
        context.document({"file": str(path), "rows": made.rows, "fields": list(made.fields), "cut": made.cut})
    else:
        context.show(context.words("cli.exported", file=path, rows=f"{made.rows:,}"))
    return 0
