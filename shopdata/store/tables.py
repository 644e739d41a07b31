"""The tables of the store: names, grains and units. The only place where a column is declared.

Fact tables (``order_lines``, ``aftersales``, ``commissions``, ``parcels``) hold one row per key in its newest
known state, as exported and typed. ``orders`` is derived: one row a main order, rebuilt for the orders an
import touched in the same transaction. Money is fen; times are the shop's wall clock without a zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData()

TEXT, MONEY, MOMENT, FLAG, COUNT = String, BigInteger, DateTime, Boolean, Integer


@dataclass(frozen=True, slots=True)
class Entity:
    """A fact table that exports feed: how its rows are told apart and which columns a file may bring."""

    name: str
    kind: str
    key: tuple[str, ...]
    order_key: str
    columns: tuple[tuple[str, type[TypeEngine[Any]]], ...]

    @property
    def table(self) -> Table:
        """The table of newest states."""
        return metadata.tables[self.name]

    @property
    def layers(self) -> Table:
        """States kept per column set, for rows that came in files with different columns."""
        return metadata.tables[f"{self.name}_layers"]

    @property
    def state_columns(self) -> tuple[str, ...]:
        """Names a file may bring, keys left out."""
        return tuple(name for name, _ in self.columns)


def _version_columns() -> list[Column[object]]:
    """What every fact row carries to decide which of two states is newer, and how old it is.

    ``event_at``: latest event time in the row; ``status_rank``: unpaid 0 … closed 4; ``exported_at``: the
    export's own time; ``row_hash``: the last tie-break; ``as_of``: as-of of the last file that held the row;
    ``layout``: the column set of the file(s) it came from (0 when several differ).
    """
    return [
        Column("event_at", MOMENT),
        Column("status_rank", SmallInteger),
        Column("exported_at", MOMENT),
        Column("row_hash", BigInteger),
        Column("as_of", MOMENT),
        Column("import_id", Integer),
        Column("layout", BigInteger),
    ]


def _define(entity: Entity, key_types: dict[str, type[TypeEngine[Any]]]) -> Entity:
    for suffix in ("", "_layers"):
        Table(
            entity.name + suffix,
            metadata,
            Column("shop_id", Integer, nullable=False),
            *(Column(name, key_types.get(name, TEXT), nullable=False) for name in entity.key),
            *(Column(name, kind) for name, kind in entity.columns),
            *_version_columns(),
        )
    return entity


ORDER_LINES = _define(
    Entity(
        name="order_lines",
        kind="orders",
        key=("grain", "line_id"),
        order_key="order_id",
        columns=(
            ("order_id", TEXT),
            ("status", TEXT),
            ("status_raw", TEXT),
            ("aftersale_status", TEXT),
            ("aftersale_raw", TEXT),
            ("cancel_reason", TEXT),
            ("order_type", TEXT),
            ("paid_by_status", FLAG),
            ("placed_at", MOMENT),
            ("paid_at", MOMENT),
            ("shipped_at", MOMENT),
            ("completed_at", MOMENT),
            ("promised_ship_at", MOMENT),
            ("presale_ship_at", MOMENT),
            ("expected_delivery_at", MOMENT),
            ("product_id", TEXT),
            ("product_name", TEXT),
            ("product_spec", TEXT),
            ("sku_code", TEXT),
            ("quantity", COUNT),
            ("unit_price", MONEY),
            ("payable_amount", MONEY),
            ("paid_amount", MONEY),
            ("payment_discount", MONEY),
            ("freight_amount", MONEY),
            ("discount_amount", MONEY),
            ("platform_discount", MONEY),
            ("merchant_discount", MONEY),
            ("influencer_discount", MONEY),
            ("price_change_amount", MONEY),
            ("red_packet_amount", MONEY),
            ("platform_subsidy", MONEY),
            ("merchant_subsidy", MONEY),
            ("influencer_subsidy", MONEY),
            ("handling_fee", MONEY),
            ("pay_method", TEXT),
            ("app_channel", TEXT),
            ("channel", TEXT),
            ("traffic_type", TEXT),
            ("traffic_channel", TEXT),
            ("ad_channel", TEXT),
            ("source", TEXT),
            ("source_raw", TEXT),
            ("influencer_id", TEXT),
            ("influencer_name", TEXT),
            ("buyer_id", TEXT),
            ("receiver", TEXT),
            ("phone", TEXT),
            ("province", TEXT),
            ("province_raw", TEXT),
            ("city", TEXT),
            ("city_raw", TEXT),
            ("district", TEXT),
            ("street", TEXT),
            ("address", TEXT),
            ("buyer_note", TEXT),
            ("seller_note", TEXT),
            ("flag", TEXT),
            ("warehouse_id", TEXT),
            ("warehouse_name", TEXT),
            ("shipping_party", TEXT),
            ("courier", TEXT),
            ("waybill", TEXT),
        ),
    ),
    {},
)
# Derived on the row by the store, never by a file: does this row count (an order may come in two forms), and
# the order files' word on the source where a commission file knew better (``source`` is then the latter's).
ORDER_LINES.table.append_column(Column("counted", FLAG))
ORDER_LINES.table.append_column(Column("source_exported", TEXT))

AFTERSALES = _define(
    Entity(
        name="aftersales",
        kind="aftersales",
        key=("aftersale_id",),
        order_key="order_id",
        columns=(
            ("order_id", TEXT),
            ("line_id", TEXT),
            ("kind", TEXT),
            ("kind_raw", TEXT),
            ("status", TEXT),
            ("status_raw", TEXT),
            ("applied_at", MOMENT),
            ("agreed_at", MOMENT),
            ("refunded_at", MOMENT),
            ("arrived_at", MOMENT),
            ("closed_at", MOMENT),
            ("finished_at", MOMENT),
            ("deadline_at", MOMENT),
            ("return_shipped_at", MOMENT),
            ("refund_amount", MONEY),
            ("refund_goods", MONEY),
            ("refund_freight", MONEY),
            ("refund_payment_discount", MONEY),
            ("payable_amount", MONEY),
            ("payment_discount", MONEY),
            ("freight_amount", MONEY),
            ("ship_state", TEXT),
            ("refund_method", TEXT),
            ("reason", TEXT),
            ("reason_tag", TEXT),
            ("arbitration", TEXT),
            ("dispute", FLAG),
            ("liable", TEXT),
            ("instant_refund", TEXT),
            ("refused_delivery", TEXT),
            ("product_id", TEXT),
            ("product_name", TEXT),
            ("sku_code", TEXT),
            ("waybill", TEXT),
            ("logistics_status", TEXT),
            ("return_waybill", TEXT),
            ("return_courier", TEXT),
            ("return_logistics_status", TEXT),
            ("exchange_waybill", TEXT),
            ("order_note", TEXT),
            ("buyer_statement", TEXT),
            ("aftersale_note", TEXT),
            ("handled_by", TEXT),
            ("negotiation", TEXT),
        ),
    ),
    {},
)

COMMISSIONS = _define(
    Entity(
        name="commissions",
        kind="commissions",
        key=("party", "party_id", "line_id"),
        order_key="line_id",
        columns=(
            ("party_name", TEXT),
            ("party_account", TEXT),
            ("status", TEXT),
            ("status_raw", TEXT),
            ("unsettled_reason", TEXT),
            ("paid_at", MOMENT),
            ("received_at", MOMENT),
            ("settled_at", MOMENT),
            ("balance_paid_at", MOMENT),
            ("product_id", TEXT),
            ("product_name", TEXT),
            ("quantity", COUNT),
            ("paid_amount", MONEY),
            ("deposit_amount", MONEY),
            ("rate", Float),
            ("commission_estimated", MONEY),
            ("settled_base", MONEY),
            ("commission_settled", MONEY),
            ("bonus_estimated", MONEY),
            ("bonus_settled", MONEY),
            ("promotion_rate", Float),
            ("promotion_estimated", MONEY),
            ("promotion_settled", MONEY),
            ("plan_type", TEXT),
            ("source", TEXT),
            ("source_raw", TEXT),
            ("order_origin", TEXT),
            ("shop_name", TEXT),
        ),
    ),
    {},
)

PARCELS = _define(
    Entity(
        name="parcels",
        kind="parcels",
        key=("waybill", "order_id"),
        order_key="order_id",
        columns=(
            ("courier", TEXT),
            ("shipped_at", MOMENT),
            ("picked_up_at", MOMENT),
            ("signed_at", MOMENT),
            ("status", TEXT),
            ("status_raw", TEXT),
            ("exception", TEXT),
        ),
    ),
    {},
)

# True once a file that can tell scans (parcel file, not the waybill column of an order file) held the parcel.
PARCELS.table.append_column(Column("tracked", FLAG))

ENTITIES = {entity.name: entity for entity in (ORDER_LINES, AFTERSALES, COMMISSIONS, PARCELS)}

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
    Column("state", TEXT, nullable=False, comment="waiting, running, done, failed"),
    Column("payload", TEXT),
    Column("result", TEXT),
    Column("done", BigInteger),
    Column("total", BigInteger),
    Column("user", TEXT),
    Column("created_at", MOMENT),
    Column("started_at", MOMENT),
    Column("ended_at", MOMENT),
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
