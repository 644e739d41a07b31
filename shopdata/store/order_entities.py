"""What orders are made of: lines, after-sales, commissions, parcels, each in its newest known state."""

from __future__ import annotations

from sqlalchemy import Column, Float

from shopdata.store.schema import COUNT, FLAG, MOMENT, MONEY, TEXT, Entity, append_added, define

ORDER_LINES = define(
    Entity(
        name="order_lines",
        kind="orders",
        key=("grain", "line_id"),
        time="placed_at",
        order_key="order_id",
        rolls_up=True,
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
        added=(("transit", FLAG), ("deposit_paid_at", MOMENT)),
    )
)
# Derived on the row by the store, never by a file: does this row count (an order may come in two forms), and
# the order files' word on the source where a commission file knew better (``source`` is then the latter's).
ORDER_LINES.table.append_column(Column("counted", FLAG))
ORDER_LINES.table.append_column(Column("source_exported", TEXT))

AFTERSALES = define(
    Entity(
        name="aftersales",
        kind="aftersales",
        key=("aftersale_id",),
        time="applied_at",
        order_key="order_id",
        rolls_up=True,
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
    )
)

COMMISSIONS = define(
    Entity(
        name="commissions",
        kind="commissions",
        key=("party", "party_id", "line_id"),
        time="paid_at",
        order_key="line_id",
        rolls_up=True,
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
        added=(("order_id", TEXT),),
    )
)

PARCELS = define(
    Entity(
        name="parcels",
        kind="parcels",
        key=("waybill", "order_id"),
        time="shipped_at",
        order_key="order_id",
        rolls_up=True,
        columns=(
            ("courier", TEXT),
            ("shipped_at", MOMENT),
            ("picked_up_at", MOMENT),
            ("signed_at", MOMENT),
            ("status", TEXT),
            ("status_raw", TEXT),
            ("exception", TEXT),
        ),
        added=(("transit", FLAG),),
    )
)

# True once a file that can tell scans (parcel file, not the waybill column of an order file) held the parcel.
PARCELS.table.append_column(Column("tracked", FLAG))

# ``transit``: only the first leg of the parcel is shown (a collecting warehouse, a platform's far provinces).
# ``order_id`` of a commission: for alliances that name the main order beside the line.
for _entity in (ORDER_LINES, PARCELS, COMMISSIONS):
    append_added(_entity)
