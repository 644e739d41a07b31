"""Who sold a line for the shop, as a key of its own: an influencer's id, else the nickname.

Two ids are never one person here, whatever their nicknames; a nickname without an id stays apart from an id
that carries it. Where a shop's order files name nobody (Taobao), the commission file's name of the line's
party stands in. A team leader's key is a dimension of its own: a line has a seller and may have a leader.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, literal, select

from shopdata.metrics.constructs import Expression
from shopdata.metrics.dimensions import DIMENSIONS, INFLUENCER, OWN, UNKNOWN, Dimension, line_key
from shopdata.metrics.facts import ESTIMATES
from shopdata.metrics.frame import Frame, ShopFrame
from shopdata.store import tables

BY_ID, BY_NAME, BY_COMMISSION = "i", "n", "c"
NAMING = frozenset({"influencer_id", "influencer_name"})
LEADER = "leader"
LED_BY_FILE, LED_BY_BILL, UNLED = "f", "b", "-"
BOTH = " + "


def named_by_commissions(shop: ShopFrame) -> bool:
    """Whether only the commission files of the shop say who sold."""
    orders = shop.columns.get("orders", frozenset())
    return bool(orders) and not orders & NAMING and "commissions" in shop.columns


def estimates_known(shop: ShopFrame) -> bool:
    """Whether the shop's commission files tell of every paid line, not of settled ones only."""
    return shop.has(ESTIMATES)


def _partner(line: Any, frame: Frame) -> Expression:
    """The kind of key (``i``, ``n``, ``c``) and the key itself as one text."""
    choices = [
        (line.influencer_id.is_not(None), literal(BY_ID) + line.influencer_id),
        (line.influencer_name.is_not(None), literal(BY_NAME) + line.influencer_name),
    ]
    told = [shop.id for shop in frame.shops if named_by_commissions(shop)]
    if told:
        rows = tables.COMMISSIONS.table.alias("sellers")
        name = (
            select(func.min(func.coalesce(rows.c.party_name, func.nullif(rows.c.party_id, ""))))
            .where(rows.c.shop_id == line.shop_id, rows.c.line_id == line.line_id, rows.c.party != LEADER)
            .scalar_subquery()
        )
        choices.append((line.shop_id.in_(told), literal(BY_COMMISSION) + name))
    return func.coalesce(case(*choices), UNKNOWN)


PARTNER = Dimension("partner", "line", of_line=_partner)


def _seller(line: Any, frame: Frame) -> Expression:
    """Whether the shop itself or an influencer sold the line, or nobody knows: an influencer also where only
    a commission file names one."""
    account = line_key(DIMENSIONS["account"], line, frame)
    return case((account == OWN, OWN), (_partner(line, frame) != UNKNOWN, INFLUENCER), else_=account)


SELLER = Dimension("seller", "line", of_line=_seller)


def _leader(line: Any, frame: Frame) -> Expression:
    """Which file tells the leader (``f`` commissions, ``b`` the bill) and the leader's key, empty where the
    file has none; ``-`` on a line without one. Two leaders of one line are one key, joined by ``BOTH``.

    The bill is asked only of a line without a leader's row in a commission file.
    """
    rows, bill = tables.COMMISSIONS.table.alias("leaders"), tables.SETTLEMENTS.table.alias("led_entries")
    low, high = func.min(rows.c.party_id), func.max(rows.c.party_id)
    filed = (
        select(case((low == high, low), else_=low + BOTH + high))
        .where(rows.c.shop_id == line.shop_id, rows.c.line_id == line.line_id, rows.c.party == LEADER)
        .scalar_subquery()
    )
    billed = (
        select(func.max(func.coalesce(bill.c.leader_id, "")))
        .where(
            bill.c.shop_id == line.shop_id,
            bill.c.line_id == line.line_id,
            func.coalesce(bill.c.commission_leader, 0) != 0,
        )
        .scalar_subquery()
    )
    return func.coalesce(literal(LED_BY_FILE) + filed, literal(LED_BY_BILL) + billed, UNLED)


LED_BY = Dimension("leader", "line", of_line=_leader)
