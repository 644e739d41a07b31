"""``logistics``: times by place or courier, the worst lanes, couriers on equal lanes."""

from shopdata.analysis.logistics import BY, logistics
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts


def _ask(asked: Asked, texts: Texts) -> Json:
    by = questions.among("by", questions.one(texts, "by") or BY[0], BY)
    scope = questions.scope(asked.store, texts, asked.asker)
    return logistics(asked.store, scope, by).as_json(asked.words)


ANALYSIS = Analysis(
    "logistics",
    _ask,
    columns=dict.fromkeys(
        (
            "orders_paid",
            "ship_to_sign_hours_p50",
            "ship_to_sign_hours_p90",
            "ship_to_sign_hours_n",
            "pay_to_ship_hours_p50",
            "ship_48h_rate",
            "ship_promise_rate",
            "pickup_24h_rate",
            "orders_transit",
        ),
        "",
    ),
    flags={"by": BY},
)
