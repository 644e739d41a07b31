"""``customers``: segments, cohorts and repurchase of buyers, and what remarks speak of."""

from collections.abc import Callable, Mapping
from typing import Protocol

from shopdata.analysis.buyer_cohorts import cohorts
from shopdata.analysis.buyer_segments import segments
from shopdata.analysis.remarks import remarks
from shopdata.analysis.repurchase import repurchase
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts
from shopdata.metrics.frame import Reads
from shopdata.scope import Scope
from shopdata.words import Words


class _Answer(Protocol):
    def as_json(self, language: Words | None = None) -> Json: ...


VIEWS: Mapping[str, Callable[[Reads, Scope], _Answer]] = {
    "rfm": segments,
    "cohort": cohorts,
    "repurchase": repurchase,
    "tags": remarks,
}


def _ask(asked: Asked, texts: Texts) -> Json:
    view = questions.among("view", questions.one(texts, "view") or "rfm", tuple(VIEWS))
    return VIEWS[view](asked.store, questions.scope(asked.store, texts, asked.asker)).as_json(asked.words)


ANALYSIS = Analysis(
    "customers",
    _ask,
    columns={
        "returned": "",
        "observed": "",
        "buyers": "",
        "orders": "",
        "rate": "ratio",
        "share": "ratio",
        "low": "ratio",
        "high": "ratio",
        "young": "",
        "net_amount": "fen",
        "money_share": "ratio",
        "net_per_buyer": "fen",
        "average_order_value": "fen",
        "days_ago": "",
        "median_days": "",
        **{f"month_{later}": "ratio" for later in range(1, 13)},
    },
    flags={"view": tuple(VIEWS)},
    scope=tuple(name for name in questions.SCOPE if name != "basis"),
)
