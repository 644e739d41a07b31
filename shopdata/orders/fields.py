"""What an order export can hold: one entry a field, for the order grain and for the line grain.

Lines are exported under the platform's own headers with the words as the platform wrote them, so that the
file can be imported again and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    exists,
    func,
    select,
)

from shopdata.errors import BadUsage
from shopdata.metrics.relation import OF_RECORD, lines_with_money
from shopdata.orders.privacy import MONEY, PERSONAL, RowRights
from shopdata.orders.selection import LINES
from shopdata.orders.sheets import Heading, Kind
from shopdata.platforms import formats
from shopdata.store.tables import ORDER_LINES, marks, orders, shops
from shopdata.words import Words, words

Grain = Literal["orders", "lines"]
MUST_KEEP = ("order_id", "buyer_id", "paid_amount", "pay_method")
HIDDEN_HEADING = "orders.hidden_heading"
IDS = frozenset({"order_id", "line_id", "product_ids", "product_id", "buyer_id", "waybill", "influencer_id"})


@dataclass(frozen=True, slots=True)
class ExportField:
    """One column of an export. ``words``: where the words for its values stand, if they are ours."""

    key: str
    kind: Kind
    column: ColumnElement[Any]
    words: str = ""

    @property
    def personal(self) -> bool:
        """Whether it says who the buyer is."""
        return self.key in PERSONAL


def _of_lines() -> Any:
    """Per order what only its rows know, as one sub-select: of its goods, else of whichever form knows it."""
    joined = (
        "product_name",
        "product_id",
        "sku_code",
        "influencer_name",
        "seller_note",
        "buyer_note",
        "flag",
    )
    first = ("receiver", "phone", "province_raw", "city_raw", "district", "street", "address", "status_raw")
    return (
        select(
            LINES.c.shop_id,
            LINES.c.order_id,
            *(_goods_first(_together(name)).label(name) for name in joined),
            *(_goods_first(func.min(LINES.c[name])).label(name) for name in first),
        )
        .group_by(LINES.c.shop_id, LINES.c.order_id)
        .subquery("of_lines")
    )


def _together(name: str) -> Any:
    return func.aggregate_strings(LINES.c[name].distinct(), "; ")


def _goods_first(aggregate: Any) -> ColumnElement[Any]:
    return func.coalesce(aggregate.filter(LINES.c.counted), aggregate.filter(~LINES.c.counted))


def _of_marks() -> Any:
    return (
        select(marks.c.shop_id, marks.c.order_id, func.aggregate_strings(marks.c.mark, "; ").label("marks"))
        .group_by(marks.c.shop_id, marks.c.order_id)
        .subquery("of_marks")
    )


def _of_money() -> Any:
    """The money of the lines of orders that came in both forms."""
    other = LINES.alias("other_form")
    same = and_(other.c.shop_id == orders.c.shop_id, other.c.order_id == orders.c.order_id)
    return lines_with_money((), exists().where(same, ~other.c.counted))


_LINES_OF, _MARKS_OF, _SHARED = _of_lines(), _of_marks(), _of_money()
ORDER_FIELDS: Mapping[str, ExportField] = {
    one.key: one
    for one in (
        ExportField("order_id", "id", orders.c.order_id),
        ExportField("shop", "text", shops.c.name),
        ExportField("platform", "text", orders.c.platform, "ui.platforms"),
        ExportField("status", "text", orders.c.status, "ui.statuses"),
        *(
            ExportField(name, "time", orders.c[name])
            for name in ("placed_at", "paid_at", "shipped_at", "signed_at", "completed_at", "refunded_at")
        ),
        ExportField("payable_amount", "money", orders.c.payable_amount),
        ExportField("paid_amount", "money", case((orders.c.is_paid, orders.c.paid_amount))),
        ExportField("refund_amount", "money", orders.c.refund_amount),
        ExportField("freight_amount", "money", orders.c.freight_amount),
        ExportField("discount_amount", "money", orders.c.discount_amount),
        ExportField("platform_subsidy", "money", orders.c.platform_subsidy),
        ExportField("currency", "text", orders.c.currency),
        ExportField("pay_method", "text", orders.c.pay_method),
        ExportField("units", "count", orders.c.units),
        ExportField("products", "text", _LINES_OF.c.product_name),
        ExportField("product_ids", "id", _LINES_OF.c.product_id),
        ExportField("sku_codes", "text", _LINES_OF.c.sku_code),
        ExportField("source", "text", orders.c.source, "ui.sources"),
        ExportField("influencer_id", "id", orders.c.influencer_id),
        ExportField("influencer_name", "text", _LINES_OF.c.influencer_name),
        ExportField("buyer_id", "id", orders.c.buyer_id),
        ExportField("receiver", "text", _LINES_OF.c.receiver),
        ExportField("phone", "id", _LINES_OF.c.phone),
        ExportField("province", "text", _LINES_OF.c.province_raw),
        ExportField("city", "text", _LINES_OF.c.city_raw),
        ExportField("district", "text", _LINES_OF.c.district),
        ExportField("street", "text", _LINES_OF.c.street),
        ExportField("address", "text", _LINES_OF.c.address),
        ExportField("courier", "text", orders.c.courier),
        ExportField("waybill", "id", orders.c.waybill),
        ExportField("order_type", "text", orders.c.order_type),
        ExportField("cancel_reason", "text", orders.c.cancel_reason),
        ExportField("buyer_note", "text", _LINES_OF.c.buyer_note),
        ExportField("seller_note", "text", _LINES_OF.c.seller_note),
        ExportField("flag", "text", _LINES_OF.c.flag),
        ExportField("warehouse_name", "text", orders.c.warehouse_name),
        ExportField("marks", "text", _MARKS_OF.c.marks),
        ExportField("as_of", "time", orders.c.as_of),
    )
}
_TYPES: Mapping[type, Kind] = {BigInteger: "money", Integer: "count", DateTime: "time", Boolean: "yes_no"}


def line_fields(format_key: str) -> Mapping[str, ExportField]:
    """The fields of a line: what the platform's export of that format calls by a header, and what was paid.

    The money of an order that only its order row knows is shared out to its lines.
    """
    export = formats()[format_key]
    kinds = dict(ORDER_LINES.columns)
    fields = {}
    for name in (*export.fields, "paid_amount"):
        if name in LINES.c and name not in fields:
            raw = export.fields[name].raw if name in export.fields else ""
            column: ColumnElement[Any] = LINES.c[raw] if raw in LINES.c else LINES.c[name]
            if name in OF_RECORD:
                column = func.coalesce(_SHARED.c[name], column)
            if name == "paid_amount":
                column = case((orders.c.is_paid, column))
            kind = "id" if name in IDS else _TYPES.get(kinds.get(name, str), "text")
            fields[name] = ExportField(name, kind, column)
    return fields


def headings(
    chosen: Sequence[ExportField], spoken: Words, grain: Grain, format_key: str, *, reveal: bool
) -> list[Heading]:
    """The words above the columns. A hidden column has a heading of its own: it must not be read back in.

    Lines have the platform's headers in every language, and the names people ask for where it knows them.
    """
    if grain == "orders":
        labels = {one.key: spoken(f"orders.fields.{one.key}") for one in chosen}
    else:
        labels = {one.key: _platform_header(one.key, format_key) for one in chosen}
    return [
        Heading(
            spoken(HIDDEN_HEADING, name=labels[one.key]) if one.personal and not reveal else labels[one.key],
            one.kind,
        )
        for one in chosen
    ]


def _platform_header(key: str, format_key: str) -> str:
    """A header that an import of this format reads as ``key``, or at least knows."""
    known = formats()[format_key].fields.get(key)
    asked_for = words("zh")(f"orders.fields.{key}")
    if known is None or (key in MUST_KEEP and asked_for in known.headers):
        return asked_for
    return known.headers[0]


def line_format(platform: str, *, by_item: bool) -> str:
    """The format lines of a platform are exported in; ``by_item``: where goods have a report of their own,
    whether the store has rows of it."""
    names = (f"{platform}_lines", f"{platform}_orders") if by_item else (f"{platform}_orders",)
    return next((name for name in names if name in formats()), "douyin_orders")


def chosen_fields(
    available: Mapping[str, ExportField],
    names: Sequence[str],
    rights: RowRights,
    *,
    reveal: bool,
    has_buyers: bool,
    keep_hidden: bool,
) -> tuple[ExportField, ...]:
    """The fields asked for (all where none is), with what an export must keep; no money for roles without.

    ``keep_hidden``: whether, unasked, personal columns come along although their values are hidden.
    Raises ``BadUsage`` for a name that is no field.
    """
    if unknown := [name for name in names if name not in available]:
        raise BadUsage("field_unknown", field=unknown[0])
    wanted = names or [key for key, one in available.items() if reveal or keep_hidden or not one.personal]
    kept = [key for key in MUST_KEEP if key in available and (key != "buyer_id" or has_buyers)]
    keys = dict.fromkeys((*wanted, *kept) if names else wanted)
    return tuple(
        available[key]
        for key in keys
        if (rights.money or key not in MONEY) and (key != "buyer_id" or has_buyers)
    )


def order_select(chosen: Sequence[ExportField]) -> Select[Any]:
    """One row an order. What only lines or marks know is joined where a field asks for it."""
    asked = [getattr(one.column, "table", None) for one in chosen]
    rows: FromClause = orders.join(shops, shops.c.id == orders.c.shop_id)
    for other in (_LINES_OF, _MARKS_OF):
        if any(other is one for one in asked):
            same_order = (other.c.shop_id == orders.c.shop_id) & (other.c.order_id == orders.c.order_id)
            rows = rows.outerjoin(other, same_order)
    query: Select[Any] = select(*(one.column.label(one.key) for one in chosen)).select_from(rows)
    return query.order_by(orders.c.placed_at.nulls_last(), orders.c.order_id)


def line_select(chosen: Sequence[ExportField]) -> Select[Any]:
    """One row a line, of the orders a condition on ``orders`` picks."""
    joined = (orders.c.shop_id == LINES.c.shop_id) & (orders.c.order_id == LINES.c.order_id)
    shared = and_(*(_SHARED.c[name] == LINES.c[name] for name in ("shop_id", "order_id", "line_id")))
    return (
        select(*(one.column.label(one.key) for one in chosen))
        .select_from(LINES.join(orders, joined).outerjoin(_SHARED, shared))
        .where(LINES.c.counted)
        .order_by(LINES.c.placed_at.nulls_last(), LINES.c.order_id, LINES.c.line_id)
    )
