"""``closing``: the months of each shop, closed and open, with what later changed in closed ones."""

from shopdata.analysis.closing import months
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts
from shopdata.store.closing_tables import AMOUNTS


def _ask(asked: Asked, texts: Texts) -> Json:
    return months(asked.store, questions.scope(asked.store, texts, asked.asker)).as_json(asked.words)


ANALYSIS = Analysis(
    "closing",
    _ask,
    columns={
        "closed_at": "time",
        "orders_paid": "",
        **dict.fromkeys(AMOUNTS, "fen"),
        "orders_adjusted": "",
        "refund_amount_adjusted": "fen",
        "receivable": "fen",
    },
    scope=("platform", "shop"),
)
