"""Rules a shop suspends for a while: where, by which courier, on which days, why and by whom."""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, Table

from shopdata.store.schema import MOMENT, TEXT, metadata

suspensions = Table(
    "suspensions",
    metadata,
    Column("id", Integer, nullable=False),
    Column("shop_id", Integer, nullable=False),
    Column("rules", TEXT, nullable=False, comment="JSON list of keys"),
    Column("province", TEXT, comment="code; null: everywhere"),
    Column("courier", TEXT, comment="as exported; null: any"),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date, nullable=False, comment="the last day"),
    Column("reason", TEXT),
    Column("user", TEXT),
    Column("at", MOMENT, nullable=False),
    Column("ended_at", MOMENT, comment="ended by somebody before its last day was over"),
    Column("ended_by", TEXT),
)
