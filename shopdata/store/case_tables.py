"""What people keep about abnormal orders: cases, what was done in them, and what was answered to a hit.

A case is about one order, or about one influencer, waybill or other subject of a rule. It is made by the
first thing somebody does. ``case_events`` only grows; ``abnormal_answers`` holds the newest answer to a hit.
``evidence`` tells of attached files (they lie in the folder ``evidence`` under their hash), ``case_claims``
of claims somebody marked by hand, ``case_rows`` of rows whose upload was erased while a case went on.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Integer, Subquery, Table, and_, exists, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from shopdata.store.order_entities import PARCELS
from shopdata.store.schema import MOMENT, TEXT, metadata

ORDER, WAYBILL = "order", "waybill"
GOING_ON = ("open", "in_work", "waiting")

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

evidence = Table(
    "evidence",
    metadata,
    Column("id", Integer, nullable=False),
    Column("case_id", Integer, nullable=False),
    Column("file_name", TEXT, comment="as given; null once its time is over"),
    Column(
        "kind", TEXT, nullable=False, comment="jpeg, png, webp, gif, mp4, pdf or text, told by its content"
    ),
    Column("size", BigInteger, nullable=False, comment="bytes kept"),
    Column("sha256", TEXT, nullable=False, comment="of the bytes kept: the name of the file"),
    Column("given_sha256", TEXT, nullable=False, comment="of the bytes given, where metadata was taken out"),
    Column("item", TEXT, comment="the piece of the checklist it is"),
    Column("note", TEXT, comment="words somebody wrote: may name a buyer"),
    Column("added_at", MOMENT, nullable=False),
    Column("added_by", TEXT),
    Column("removed_at", MOMENT),
    Column("removed_by", TEXT, comment="null with removed_at: its time was over"),
)

case_claims = Table(
    "case_claims",
    metadata,
    Column("case_id", Integer, nullable=False),
    Column("kind", TEXT, nullable=False, comment="refund_only, empty_parcel, missing_items, swapped"),
    Column("return_waybill", TEXT),
    Column("inspection", TEXT, comment="what was found in the returned parcel: may name a buyer"),
    Column("appealed_on", Date),
    Column("marked_at", MOMENT, nullable=False),
    Column("marked_by", TEXT),
    Column("changed_at", MOMENT, nullable=False),
    Column("withdrawn_at", MOMENT),
    Column("withdrawn_by", TEXT),
)

case_rows = Table(
    "case_rows",
    metadata,
    Column("case_id", Integer, nullable=False),
    Column("import_id", Integer, nullable=False),
    Column("sheet", TEXT),
    Column("row", Integer, nullable=False, comment="as a person sees it in a spreadsheet"),
    Column(
        "headers",
        TEXT,
        nullable=False,
        comment="JSON: the headers of the file, and by header the columns it was read as",
    ),
    Column("cells", TEXT, nullable=False, comment="JSON list: the cells as imported, buyer data among them"),
)


def _orders_of_cases() -> Subquery:
    c, p = cases.c, PARCELS.table.c
    columns = (c.id.label("case_id"), c.state, c.shop_id)
    sent = and_(p.shop_id == c.shop_id, p.waybill == c.subject, p.order_id.is_not(None))
    return union_all(
        select(*columns, c.subject.label("order_id")).where(c.kind == ORDER),
        select(*columns, p.order_id).join(PARCELS.table, sent).where(c.kind == WAYBILL),
    ).subquery("case_orders")


# One row an order that a case is about: its own, or that of a waybill it was sent under.
CASE_ORDERS = _orders_of_cases()


def is_going_on(shop_id: ColumnElement[int], order_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Condition: the order, or a waybill of it, has a case that is not closed."""
    return has_case(shop_id, order_id, CASE_ORDERS.c.state.in_(GOING_ON))


def has_case(
    shop_id: ColumnElement[int], order_id: ColumnElement[str], where: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Condition: there is such a row of ``CASE_ORDERS`` for the order."""
    found = CASE_ORDERS.c
    return exists().where(found.shop_id == shop_id, found.order_id == order_id, where)
