"""``money``: from what was ordered to what reached the account, to the fen."""

from shopdata.analysis.money import money
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts

SPLITS = ("month", "shop")


def _ask(asked: Asked, texts: Texts) -> Json:
    split = questions.one(texts, "by")
    by = questions.among("by", split, SPLITS) if split else None
    scope = questions.scope(asked.store, texts, asked.asker)
    return money(asked.store, scope).as_json(asked.words, by)


ANALYSIS = Analysis(
    "money",
    _ask,
    columns={
        "amount": "fen",
        "n": "",
        "paid": "fen",
        "receivable": "fen",
        "due": "fen",
        "settled": "fen",
        "to_come": "fen",
        "unexplained": "fen",
    },
    flags={"by": SPLITS},
    scope=("from", "to", "basis", "platform", "shop"),
)
