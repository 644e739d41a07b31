"""``inventory``: how long the stock lasts, what to order, and what the next promotion may need."""

from datetime import timedelta

from shopdata.analysis.inventory import Inventory, Terms, inventory
from shopdata.analysis.inventory_document import document
from shopdata.analysis.promotion_calendar import calendar, next_event
from shopdata.analysis.promotion_stock import Prepared, Scenario, prepare
from shopdata.analysis.promotion_uplift import PastEvent, past_events
from shopdata.commands import questions
from shopdata.commands.asked import Analysis, Asked, Json
from shopdata.commands.questions import Texts
from shopdata.errors import BadUsage
from shopdata.scope import Scope

MOST_UPLIFT = 100.0


def _ask(asked: Asked, texts: Texts) -> Json:
    scope = questions.scope(asked.store, texts, asked.asker)
    usual = Terms()
    terms = Terms(
        history=questions.number(texts, "history_days", usual.history, 28, 365),
        lead=questions.number(texts, "lead_days", 0, 0, 180) if "lead_days" in texts else None,
        every=questions.number(texts, "order_every", usual.every, 1, 180),
        dead_days=questions.number(texts, "dead_days", usual.dead_days, 7, 365),
    )
    found = inventory(asked.store, scope, terms)
    events = past_events(asked.store, scope)
    prepared = _prepared(asked, scope, terms, found, events, texts)
    answer: Json = document(found, prepared, events, asked.words)
    return answer


def _prepared(
    asked: Asked, scope: Scope, terms: Terms, found: Inventory, events: tuple[PastEvent, ...], texts: Texts
) -> Prepared | None:
    """For the days asked for, else for the next promotion; uplift as given, else of the newest past one."""
    if not found.has_stock or found.data_up_to is None:
        return None
    coming = next_event(calendar(asked.store), found.data_up_to.date())
    start = questions.day(texts, "event_from") or (coming.start if coming else None)
    if start is None:
        return None
    length = coming.end - coming.start if coming else timedelta(0)
    end = questions.day(texts, "event_to") or start + length
    if end < start:
        raise BadUsage("days_reversed")
    past = events[0].promotion if events else None
    return prepare(asked.store, scope, Scenario(start, end, _uplift(texts), past), terms)


def _uplift(texts: Texts) -> float | None:
    text = questions.one(texts, "uplift")
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= MOST_UPLIFT:
        raise BadUsage("value_unknown", name="uplift", value=text, choices=f"0–{MOST_UPLIFT:.0f}")
    return value


ANALYSIS = Analysis(
    "inventory",
    _ask,
    columns={
        "stock": "",
        "in_transit": "",
        "units": "",
        "cover_days": "",
        "stockout_14d": "ratio",
        "reorder_point": "",
        "reorder_quantity": "",
    },
    flags=dict.fromkeys(
        ("history_days", "lead_days", "order_every", "dead_days", "event_from", "event_to", "uplift"), ()
    ),
    scope=("platform", "shop"),
)
