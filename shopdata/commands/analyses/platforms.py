"""``platforms``: platforms side by side on what all of them can tell."""

from shopdata.analysis.platform_comparison import platforms
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts
from shopdata.metrics.catalogue import KEYS


def _ask(asked: Asked, texts: Texts) -> Json:
    return platforms(asked.store, questions.scope(asked.store, texts, asked.asker)).as_json(asked.words)


SHOWN = (
    *("orders_placed", "orders_paid", "pay_rate", "paid_amount", "average_order_value", "refund_rate"),
    *("net_amount", "ship_48h_rate", "ship_to_sign_hours_p50"),
)
ANALYSIS = Analysis("platforms", _ask, columns=dict.fromkeys((key for key in SHOWN if key in KEYS), ""))
