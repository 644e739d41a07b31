"""``board``: the platform board's daily export against our own figures, every difference by its cause."""

from shopdata.analysis.board_check import CAUSES, board_check
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts


def _ask(asked: Asked, texts: Texts) -> Json:
    return board_check(asked.store, questions.scope(asked.store, texts, asked.asker)).as_json(asked.words)


SPLIT = ("board", "ours", "difference", *CAUSES, "unexplained")
ANALYSIS = Analysis("board", _ask, columns=dict.fromkeys(SPLIT, ""), scope=("from", "to", "platform", "shop"))
