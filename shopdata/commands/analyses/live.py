"""``live``: live sessions with the orders they brought."""

from shopdata.analysis.live import live
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts

WAYS = ("start", "pay")


def _ask(asked: Asked, texts: Texts) -> Json:
    by = questions.among("by", questions.one(texts, "by") or "start", WAYS)
    scope = questions.scope(asked.store, texts, asked.asker)
    return live(asked.store, scope, "pay" if by == "pay" else "start").as_json(asked.words)


ANALYSIS = Analysis(
    "live",
    _ask,
    columns={
        "orders_paid": "",
        "paid_amount": "fen",
        "average_order_value": "fen",
        "orders_refunded_1h": "",
        "orders_refunded": "",
        "refund_amount": "fen",
        "placed_paid_in": "",
        "placed_paid_after": "",
    },
    flags={"by": WAYS},
    scope=("from", "to", "platform", "shop"),
)
