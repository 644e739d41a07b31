"""``sources``: content types side by side."""

from shopdata.analysis.sources import KEYS, sources
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts


def _ask(asked: Asked, texts: Texts) -> Json:
    return sources(asked.store, questions.scope(asked.store, texts, asked.asker)).as_json(asked.words)


ANALYSIS = Analysis("sources", _ask, columns=dict.fromkeys(KEYS, ""))
