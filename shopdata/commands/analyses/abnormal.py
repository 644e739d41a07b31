"""``abnormal``: orders that rules for abnormal orders flag, with why, what to do and by when."""

from shopdata.abnormal.document import document
from shopdata.abnormal.rules import RULES
from shopdata.commands import questions
from shopdata.commands.asked import SWITCH, Analysis, Asked, Json
from shopdata.commands.questions import Texts


def _ask(asked: Asked, texts: Texts) -> Json:
    rules = tuple(questions.among("rule", key, tuple(RULES)) for key in questions.listed(texts, "rule"))
    with_past = questions.one(texts, "all") not in (None, "0")
    scope = questions.scope(asked.store, texts, asked.asker)
    return document(asked.store, scope, asked.words, rules, with_past=with_past)


ANALYSIS = Analysis(
    "abnormal",
    _ask,
    columns={},
    flags={"rule": (), "all": SWITCH},
    scope=("from", "to", "platform", "shop"),
)
