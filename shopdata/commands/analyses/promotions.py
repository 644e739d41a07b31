"""``promotions``: a promotion day by day beside the same promotion the time before."""

from shopdata.analysis.promotion_calendar import label_of
from shopdata.analysis.promotion_report import KEYS, known_events, promotion_report
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts
from shopdata.errors import BadUsage


def _ask(asked: Asked, texts: Texts) -> Json:
    """The promotion named (``double_11``, or ``double_11@2025``), else the newest the data reaches."""
    scope = questions.scope(
        asked.store, {key: texts[key] for key in texts if key != "promotion"}, asked.asker
    )
    events = known_events(asked.store, scope)
    wanted = questions.one(texts, "promotion")
    if wanted:
        key, _, year = wanted.partition("@")
        events = tuple(one for one in events if one.key == key and year in ("", str(one.start.year)))
    if not events:
        if wanted:
            known = ", ".join(one.key for one in known_events(asked.store, scope))
            raise BadUsage("value_unknown", name="promotion", value=wanted, choices=known)
        return {"promotion": None, "data_up_to": None, "currency": None, "rows": [], "total": {}}
    document = promotion_report(asked.store, scope, events[0]).as_json(asked.words)
    return document | {"known": [{"key": one.key, "label": label_of(one, asked.words)} for one in events]}


ANALYSIS = Analysis(
    "promotions",
    _ask,
    columns={
        "before_day": "",
        "paid_amount": "",
        "paid_amount_before": "fen",
        "orders_paid": "",
        "orders_paid_before": "",
        **dict.fromkeys(KEYS[3:], ""),
    },
    flags={"promotion": ()},
    scope=("platform", "shop"),
)
