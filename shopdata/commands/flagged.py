"""``abnormal`` on a terminal: one line a flag, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shopdata.commands import documents, parser, printing
from shopdata.commands.asked import Asked
from shopdata.commands.context import Context, Options
from shopdata.platforms.places import places

COLUMNS = ("severity", "rule", "order_id", "why", "deadline", "amount")


def run(context: Context, options: Options) -> int:
    """The flags, what lacks a file, or the document with ``--json``."""
    texts = parser.texts(options, documents.PARAMETERS["abnormal"])
    asked = Asked(context.store, context.settings, context.words)
    found: Mapping[str, Any] = documents.answer(asked, "abnormal", texts)
    if context.as_json:
        context.document(found)
        return 0
    words = context.words
    context.show(printing.pairs([(words("cli.data_up_to"), printing.moment(found["as_of"], words))]) + "\n")
    header = [words(f"cli.columns.{name}") for name in COLUMNS]
    context.show(printing.table(header, [_row(context, flag) for flag in found["flags"]], left=4))
    if found["below_budget"]:
        context.show(words("cli.below_budget", n=f"{found['below_budget']:,}"))
    for one in found["incidents"]:
        province = places().provinces.get(one["province"] or "", one["province"])
        lane = " · ".join(part for part in (province, one["courier"]) if part)
        name = words(f"abnormal.{one['rule']}.name")
        context.show(words("cli.incident", rule=name, lane=lane, n=f"{one['orders']:,}"))
    for one in found["suspensions"]:
        context.show(words("cli.suspended", n=f"{one['hits']:,}", last=one["to"]))
    for rule, kind in found["missing"].items():
        file = words.get(f"ui.kinds.{kind}", kind)
        context.show(f"{words(f'abnormal.{rule}.name')}: {words('cli.missing', file=file)}")
    return 0


def _row(context: Context, flag: Mapping[str, Any]) -> list[str]:
    words = context.words
    return [
        words(f"abnormal.severity.{flag['severity']}"),
        str(flag["name"]),
        str(flag["order_id"] or flag["subject"]["id"]),
        str(flag["why"]),
        printing.moment(flag["deadline"], words),
        printing.figure(flag["amount"], "fen", words),
    ]
