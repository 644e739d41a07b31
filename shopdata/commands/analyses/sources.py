"""``sources``: content types side by side, as they are and on equal terms."""

from shopdata.analysis.equal_terms import equal_terms
from shopdata.analysis.sources import KEYS, sources
from shopdata.analysis.strata import MEASURES
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts


def _ask(asked: Asked, texts: Texts) -> Json:
    scope = questions.scope(asked.store, texts, asked.asker)
    compared = [equal_terms(asked.store, scope, measure).as_json(asked.words) for measure in MEASURES]
    return sources(asked.store, scope).as_json(asked.words) | {"compared": compared}


ANALYSIS = Analysis("sources", _ask, columns=dict.fromkeys(KEYS, ""))
