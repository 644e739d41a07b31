"""``warehouse``: where orders go, and where a warehouse would stand best."""

import re

from shopdata.analysis.warehouse import break_even, plans, warehouses
from shopdata.analysis.warehouse_document import break_even_document, break_even_sentence, document
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts
from shopdata.errors import BadUsage
from shopdata.units import fen

AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")


def _amount(texts: Texts, name: str) -> int | None:
    """Fen of an amount above 0 in yuan."""
    text = questions.one(texts, name)
    if text is None:
        return None
    amount = fen(text) if AMOUNT.fullmatch(text) else 0
    if not amount:
        raise BadUsage("value_unknown", name=name, value=text, choices="0.01–999999999.99")
    return amount


def _ask(asked: Asked, texts: Texts) -> Json:
    cost, worth = _amount(texts, "monthly_cost"), _amount(texts, "saved_per_order")
    scope = questions.scope(asked.store, texts, asked.asker)
    found = warehouses(asked.store, scope)
    chosen = tuple(plan for keep in (False, True) for plan in plans(asked.store, scope, keep=keep))
    answer = document(found, chosen, asked.words)
    if cost is not None:
        paying = [break_even(found, plan, cost, worth) for plan in chosen]
        answer["break_even"] = [break_even_document(one) for one in paying]
        answer["notes"] += [break_even_sentence(one, asked.words) for one in paying[:1]]
    return answer


ANALYSIS = Analysis(
    "warehouse",
    _ask,
    columns={
        "orders": "",
        "share": "ratio",
        "kilometres": "",
        "saved_hours": "hours",
        "saved_hours_low": "hours",
        "saved_hours_high": "hours",
        "saved_hours_beside": "hours",
    },
    flags={"monthly_cost": (), "saved_per_order": ()},
)
