"""The alarm budget: of the hits without a deadline that a day brings to a shop, so many are shown as open.

They are ranked by money × confidence: what a rule declares of itself, drawn towards the share of its hits
that people of the shop found real. The others stay; they are counted, and listed on demand.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, case, func, literal, not_, or_, select

from shopdata.abnormal.limits import A_DAY, BUDGET, limits_of
from shopdata.abnormal.precision import answers_of
from shopdata.abnormal.rules import RULES
from shopdata.metrics.constructs import Expression, day_of, real
from shopdata.metrics.facts import per_shop
from shopdata.metrics.frame import Frame
from shopdata.settings import Settings

# What a rule declares of itself counts as so many answers.
WORTH = 5


def within_budget(connection: Connection, frame: Frame, settings: Settings, hits: Any) -> Any:
    """The hits with ``is_open``, and ``below_budget`` where only the budget keeps them from being open.

    ``hits`` carry ``is_live`` (open but for the budget) and ``takes_part`` (in the ranking of the day it was
    found on, also where somebody has put it aside).
    """
    c, today = hits.c, settings.now().date()
    most = {
        shop: limits_of(connection, shop, today).get((BUDGET, A_DAY.name), A_DAY.default)
        for shop in frame.ids
    }
    weight = func.coalesce(c.amount, 0) * _confidence(connection, frame, settings, c)
    place = func.row_number().over(
        partition_by=(c.shop_id, day_of(c.found_at), c.takes_part),
        order_by=(weight.desc(), c.rule, c.subject),
    )
    ranked = select(hits, place.label("rank_of_day")).subquery("ranked")
    r = ranked.c
    shown = or_(not_(r.takes_part), r.rank_of_day <= per_shop(r.shop_id, most, literal))
    return select(
        ranked,
        and_(r.is_live, shown).label("is_open"),
        and_(r.is_live, not_(shown)).label("below_budget"),
    ).subquery("hits_held")


def _confidence(connection: Connection, frame: Frame, settings: Settings, c: Any) -> Expression:
    """The share of a rule's hits held to be true, 0–1, by the answers of the last 30 days."""
    own = [(c.rule == key, rule.confidence) for key, rule in RULES.items() if rule.confidence != 1]
    declared = real(case(*own, else_=1.0))
    answered = answers_of(connection, frame, settings.now())
    if not answered:
        return declared
    of_rule = [(and_(c.shop_id == shop, c.rule == rule), one) for (shop, rule), one in answered.items()]
    confirmed, answers = (
        case(*((where, literal(float(one[place]))) for where, one in of_rule), else_=0.0) for place in (0, 1)
    )
    return (declared * WORTH + confirmed) / (answers + WORTH)
