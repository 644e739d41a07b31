"""Closed months: which are closed, and what each of their orders was worth then. Rows are only ever added.

A row of ``closed_orders`` is what a closing booked of one order: all of it in the month it was paid, later
what has changed since the closing before. Its rows added up are what has been booked of an order so far.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, Table

from shopdata.store.schema import MOMENT, MONEY, TEXT, metadata

closings = Table(
    "closings",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("month", Date, nullable=False, comment="its first day"),
    Column("closed_at", MOMENT, nullable=False),
    Column("user", TEXT),
)

AMOUNTS = (
    "paid_amount",
    "platform_subsidy",
    "influencer_subsidy",
    "refund_amount",
    "platform_fee",
    "commission_settled",
    "settled_amount",
)

closed_orders = Table(
    "closed_orders",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("month", Date, nullable=False, comment="the closed month this is booked in"),
    Column("paid_month", Date, nullable=False, comment="the month the order was paid in"),
    Column("order_id", TEXT, nullable=False),
    *(Column(name, MONEY) for name in AMOUNTS),
)
