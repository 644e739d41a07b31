"""The tables of the store: names, grains and units.

Fact tables (``ENTITIES``) hold one row per key in its newest known state, as exported and typed. ``orders``
is derived: one row a main order, rebuilt for the orders an import touched in the same transaction. Money is
fen; times are the shop's wall clock without a zone.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, Table

from shopdata.store.money_entities import FUNDS, SETTLEMENTS
from shopdata.store.order_entities import AFTERSALES, COMMISSIONS, ORDER_LINES, PARCELS
from shopdata.store.own_entities import OWN
from shopdata.store.schema import COUNT, FLAG, MOMENT, MONEY, TEXT, Entity, metadata

__all__ = [
    "AFTERSALES", "COMMISSIONS", "ENTITIES", "FUNDS", "MOMENT", "ORDER_LINES", "OWN", "PARCELS",
    "SETTLEMENTS", "Entity", "metadata",
]  # fmt: skip

ENTITIES = {
    entity.name: entity
    for entity in (ORDER_LINES, AFTERSALES, COMMISSIONS, PARCELS, SETTLEMENTS, FUNDS, *OWN)
}

orders = Table(
    "orders",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("order_id", TEXT, nullable=False),
    Column("platform", TEXT, nullable=False),
    Column("currency", TEXT, nullable=False),
    Column("placed_at", MOMENT),
    Column("paid_at", MOMENT),
    Column("shipped_at", MOMENT, comment="first line shipped"),
    Column("completed_at", MOMENT),
    Column("promised_ship_at", MOMENT, comment="earliest promise"),
    Column("status", TEXT, comment="least advanced line that is not closed; closed when all are"),
    Column("is_paid", FLAG, comment="see METRICS orders_paid; null when it cannot be known"),
    Column("is_shipped", FLAG),
    Column("is_completed", FLAG),
    Column("is_closed", FLAG),
    Column("is_presale", FLAG),
    Column("is_cash_on_delivery", FLAG),
    Column("deposit_pending", FLAG, comment="deposit paid, balance still open"),
    Column("lines", COUNT),
    Column("units", COUNT),
    Column("payable_amount", MONEY),
    Column("paid_amount", MONEY, comment="of record; counts only where is_paid"),
    Column("freight_amount", MONEY),
    Column("discount_amount", MONEY),
    Column("platform_subsidy", MONEY),
    Column("influencer_subsidy", MONEY),
    Column("payment_discount", MONEY),
    Column("is_refunded", FLAG, comment="at least one successful refund"),
    Column("is_returned", FLAG, comment="at least one successful return of goods"),
    Column("is_disputed", FLAG, comment="complaint or arbitration"),
    Column("has_open_aftersale", FLAG),
    Column("refund_amount", MONEY, comment="sum of successful refunds in after-sale rows; 0 when none"),
    Column("refund_applied_at", MOMENT, comment="earliest application that ended in a refund"),
    Column("refunded_at", MOMENT, comment="earliest successful refund paid"),
    Column("parcels", COUNT),
    Column("parcels_signed", COUNT),
    Column("parcels_tracked", COUNT, comment="parcels a parcel file told about; 0 = no word on signing"),
    Column("picked_up_at", MOMENT, comment="first courier scan"),
    Column("signed_at", MOMENT, comment="last parcel signed; null until all are"),
    Column("courier", TEXT),
    Column("waybill", TEXT),
    Column("province", TEXT),
    Column("city", TEXT),
    Column("pay_method", TEXT),
    Column("order_type", TEXT),
    Column("cancel_reason", TEXT),
    Column("warehouse_name", TEXT),
    Column("source", TEXT, comment="of its lines; 'mixed' when they differ"),
    Column("influencer_id", TEXT, comment="of its lines; 'mixed' when they differ"),
    Column("buyer_id", TEXT),
    Column("as_of", MOMENT, comment="as-of of the last order file that held it"),
    Column("is_transit", FLAG, comment="a parcel shows its first leg only: signing is not known"),
)

history = Table(
    "history",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("row_key", TEXT, nullable=False, comment="line id, after-sale id, waybill … joined by '|'"),
    Column("order_id", TEXT),
    Column("status", TEXT),
    Column("status_raw", TEXT),
    Column("detail", TEXT, comment="after-sale word of an order line; kind of an after-sale"),
    Column("event_at", MOMENT),
    Column("exported_at", MOMENT),
    Column("import_id", Integer),
)

layouts = Table(
    "layouts",
    metadata,
    Column("id", BigInteger, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("columns", TEXT, nullable=False, comment="JSON list: the columns files of this layout bring"),
)

schema_steps = Table(
    "schema_steps", metadata, Column("step", TEXT, nullable=False), Column("applied_at", MOMENT)
)

shops = Table(
    "shops",
    metadata,
    Column("id", Integer, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("platform", TEXT, nullable=False),
    Column("currency", TEXT, nullable=False),
    Column("zone", TEXT, nullable=False),
    Column("is_sample", FLAG, nullable=False),
    Column("own_accounts", TEXT, comment="JSON list of ids or nicknames of the shop's own accounts"),
    Column("ship_from", TEXT, comment="JSON object: warehouse name ('' = default) to city code"),
    Column("created_at", MOMENT),
)

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, nullable=False),
    Column("shop_id", Integer, nullable=False),
    Column("file_name", TEXT, nullable=False),
    Column("sha256", TEXT, nullable=False),
    Column("size", BigInteger),
    Column("format", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("rows", COUNT),
    Column("accepted", COUNT),
    Column("rejected", COUNT),
    Column("new", COUNT),
    Column("updated", COUNT),
    Column("unchanged", COUNT),
    Column("first_at", MOMENT),
    Column("last_at", MOMENT),
    Column("as_of", MOMENT),
    Column("exported_at", MOMENT),
    Column("headers", TEXT, comment="JSON list of the file's headers"),
    Column("columns", TEXT, comment="JSON list of the canonical columns it brought"),
    Column("notes", TEXT, comment="JSON: warnings and findings"),
    Column("user", TEXT),
    Column("imported_at", MOMENT, comment="wall clock of the machine, shop's zone"),
    Column("seconds", Float),
    Column("undone_at", MOMENT),
    Column("undone_by", TEXT),
    Column("upload_kept", FLAG),
    Column("effect", TEXT, comment="JSON: what the import did to the figures"),
)

rejects = Table(
    "rejects",
    metadata,
    Column("import_id", Integer, nullable=False),
    Column("sheet", TEXT),
    Column("row", Integer, nullable=False),
    Column("column", TEXT),
    Column("code", TEXT, nullable=False),
    Column("value", TEXT),
    Column("cells", TEXT, comment="JSON list of the row's raw cells"),
)

marks = Table(
    "marks",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("order_id", TEXT, nullable=False),
    Column("mark", TEXT, nullable=False, comment="abnormal, priority, or free text"),
    Column("note", TEXT),
    Column("user", TEXT),
    Column("marked_at", MOMENT),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("state", TEXT, nullable=False, comment="waiting, running, done, failed, cancelled"),
    Column("payload", TEXT),
    Column("result", TEXT),
    Column("done", BigInteger),
    Column("total", BigInteger),
    Column("user", TEXT),
    Column("created_at", MOMENT),
    Column("started_at", MOMENT),
    Column("ended_at", MOMENT),
    Column("role", TEXT),
)

settings = Table(
    "settings", metadata, Column("key", TEXT, nullable=False), Column("value", TEXT, comment="JSON")
)

assignments = Table(
    "assignments",
    metadata,
    Column("field", TEXT, nullable=False, comment="canonical column, e.g. status"),
    Column("platform", TEXT, nullable=False),
    Column("raw", TEXT, nullable=False),
    Column("meaning", TEXT, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("at", MOMENT, nullable=False),
    Column("user", TEXT),
    Column("role", TEXT),
    Column("action", TEXT, nullable=False),
    Column("detail", TEXT, comment="JSON"),
)
