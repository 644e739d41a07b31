"""``funnel``: placed, paid, shipped, signed, completed on one cohort."""

from shopdata.analysis.funnel import funnel
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts


def _ask(asked: Asked, texts: Texts) -> Json:
    return funnel(asked.store, questions.scope(asked.store, texts, asked.asker)).as_json(asked.words)


ANALYSIS = Analysis(
    "funnel",
    _ask,
    columns={
        "n": "",
        "of_first": "ratio",
        "of_previous": "ratio",
        "lost": "",
        "pending": "",
        "median_hours": "hours",
    },
)
