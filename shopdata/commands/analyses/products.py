"""``products``: what each product or SKU sells, keeps, brings back and does to the order value."""

from shopdata.analysis.bought_together import bought_together
from shopdata.analysis.products import BY, KEYS, products
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts


def _ask(asked: Asked, texts: Texts) -> Json:
    scope = questions.scope(asked.store, texts, asked.asker)
    by = questions.among("by", questions.one(texts, "by") or "product", BY)
    document = products(asked.store, scope, by).as_json(asked.words)
    together = bought_together(asked.store, scope).as_json(asked.words)
    return document | {"bought_together": together}


ANALYSIS = Analysis(
    "products",
    _ask,
    columns=dict.fromkeys(KEYS, "")
    | {"product_return_rate": "ratio", "aov_part": "fen", "aov_effect": "fen"},
    flags={"by": BY},
)
