"""What people keep about abnormal orders: cases, what was done in them, and what was answered to a hit.

A case is about one order, or about one influencer, waybill or other subject of a rule. It is made by the
first thing somebody does. ``case_events`` only grows; ``abnormal_answers`` holds the newest answer to a hit.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table

from shopdata.store.schema import MOMENT, TEXT, metadata

cases = Table(
    "cases",
    metadata,
    Column("id", Integer, nullable=False),
    Column("shop_id", Integer, nullable=False),
    Column("kind", TEXT, nullable=False, comment="order, influencer, waybill, or the key of a rule"),
    Column("subject", TEXT, nullable=False, comment="id of what it is about"),
    Column("state", TEXT, nullable=False, comment="open, in_work, waiting, resolved, false_alarm"),
    Column("assignee", TEXT),
    Column("opened_at", MOMENT, nullable=False),
    Column("opened_by", TEXT),
    Column("changed_at", MOMENT, nullable=False),
)

case_events = Table(
    "case_events",
    metadata,
    Column("id", Integer, nullable=False),
    Column("case_id", Integer, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("user", TEXT, comment="null: an import did it"),
    Column("action", TEXT, nullable=False),
    Column("text", TEXT, comment="words somebody wrote: may name a buyer"),
    Column("detail", TEXT, comment="JSON: ids, states and counts, never buyer data"),
)

abnormal_answers = Table(
    "abnormal_answers",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("rule", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("case_id", Integer, nullable=False),
    Column("answer", TEXT, nullable=False, comment="waiting, resolved or false_alarm"),
    Column("as_of", MOMENT, comment="state of the data when it was given"),
    Column("user", TEXT),
    Column("at", MOMENT, nullable=False),
)
