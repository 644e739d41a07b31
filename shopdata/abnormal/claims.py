"""Claims somebody marks by hand, since some exports do not tell the buyer: kind, return, inspection, appeal.

A marked order is a hit of ``malicious_claim`` until the mark is withdrawn. The result of an appeal is
expected three to five working days after it was filed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import and_, func, insert, select, update

from shopdata.abnormal.case_log import note
from shopdata.abnormal.cases import check_subject, is_about
from shopdata.abnormal.checklists import CLAIMS
from shopdata.abnormal.judging import judge_if_free
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import LONGEST_TEXT, open_cases
from shopdata.abnormal.working_days import add_working_days
from shopdata.errors import BadUsage
from shopdata.imports.audit import record_action
from shopdata.imports.scoping import shops_in
from shopdata.orders.privacy import row_rights
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.abnormal_tables import note_order
from shopdata.store.case_tables import ORDER, case_claims, cases
from shopdata.store.tables import AFTERSALES, PARCELS

WAYBILL = re.compile(r"[0-9A-Za-z-]{0,40}")
REVIEW = (3, 5)
MOST_RETURNS = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody marked. ``inspection``: what was found in the returned parcel."""

    kind: str
    return_waybill: str | None
    inspection: str | None
    appealed_on: date | None
    marked_at: datetime
    marked_by: str | None

    @property
    def expected(self) -> tuple[date, date] | None:
        """The days between which the result of the appeal is expected."""
        if self.appealed_on is None:
            return None
        soon, late = (add_working_days(self.appealed_on, days) for days in REVIEW)
        return soon, late


@dataclass(frozen=True, slots=True)
class Return:
    """An after-sale whose goods came back in a parcel; ``refund_amount`` in fen, ``signed_at`` by the waybill
    file."""

    shop_id: int
    order_id: str | None
    aftersale_id: str
    kind: str | None
    status: str | None
    reason: str | None
    refund_amount: int | None
    applied_at: datetime | None
    sent_at: datetime | None
    signed_at: datetime | None


def set_claim(
    store: Store,
    scope: Scope,
    key: CaseKey,
    kind: str,
    *,
    return_waybill: str = "",
    inspection: str = "",
    appealed_on: date | None = None,
) -> None:
    """Mark the order of the case, or change what was marked. It is judged at once.

    Raises ``BadUsage`` for a case that is about no order, a kind nobody knows, a waybill that is none, a long
    text or an appeal of tomorrow; ``NotAllowed``, ``NotFound``.
    """
    waybill, found = return_waybill.strip().upper(), inspection.strip()
    _check(store, key, kind, waybill, found, appealed_on)
    values: dict[str, object] = {
        "kind": kind,
        "return_waybill": waybill or None,
        "inspection": found or None,
        "appealed_on": appealed_on,
    }
    with store.write(figures=False) as connection:
        now = store.settings.now()
        (case_id,) = open_cases(connection, scope, [key], now)
        mine = case_claims.c.case_id == case_id
        fresh = {"marked_at": now, "marked_by": scope.user, "withdrawn_at": None, "withdrawn_by": None}
        old = connection.execute(select(case_claims).where(mine)).one_or_none()
        change = values | {"changed_at": now} | (fresh if old is None or old.withdrawn_at else {})
        if old is None:
            connection.execute(insert(case_claims).values(change | {"case_id": case_id}))
        else:
            connection.execute(update(case_claims).where(mine).values(change))
        told = {"claim": kind, "return_waybill": waybill or None, "appealed_on": appealed_on}
        note(connection, [case_id], now, scope.user, "claim", text=found or None, detail=told)
        about = [key.shop_id, key.kind, key.subject]
        record_action(connection, now, scope.user, "case_claim", role=scope.role, key=about, **told)
        note_order(connection, key.shop_id, key.subject)
    judge_if_free(store)


def _check(
    store: Store, key: CaseKey, kind: str, waybill: str, inspection: str, appealed_on: date | None
) -> None:
    if key.kind != ORDER:
        raise BadUsage("claim_no_order")
    if kind not in CLAIMS:
        raise BadUsage("value_unknown", name="kind", value=kind, choices=", ".join(CLAIMS))
    if not WAYBILL.fullmatch(waybill):
        raise BadUsage("claim_waybill")
    if len(inspection) > LONGEST_TEXT:
        raise BadUsage("case_text_length", limit=LONGEST_TEXT)
    if appealed_on is not None and appealed_on > store.settings.now().date():
        raise BadUsage("claim_appeal_ahead")


def withdraw_claim(store: Store, scope: Scope, key: CaseKey) -> None:
    """Take the mark back: the order is no hit by it any more. Nothing happens where it has none."""
    with store.write(figures=False) as connection:
        now = store.settings.now()
        (case_id,) = open_cases(connection, scope, [key], now)
        standing = and_(case_claims.c.case_id == case_id, case_claims.c.withdrawn_at.is_(None))
        kind = connection.scalar(select(case_claims.c.kind).where(standing))
        if kind is None:
            return
        gone = {"withdrawn_at": now, "withdrawn_by": scope.user, "changed_at": now}
        connection.execute(update(case_claims).where(standing).values(gone))
        note(connection, [case_id], now, scope.user, "claim_withdrawn", detail={"claim": kind})
        about = [key.shop_id, key.kind, key.subject]
        record_action(connection, now, scope.user, "case_claim_withdrawn", role=scope.role, key=about)
        note_order(connection, key.shop_id, key.subject)
    judge_if_free(store)


def claim_of(store: Store, scope: Scope, key: CaseKey) -> Claim | None:
    """What stands marked about the case. Raises ``NotFound`` for one outside the scope."""
    m = case_claims.c
    query = (
        select(m.kind, m.return_waybill, m.inspection, m.appealed_on, m.marked_at, m.marked_by)
        .join(cases, cases.c.id == m.case_id)
        .where(is_about(key), m.withdrawn_at.is_(None))
    )
    with store.read() as connection:
        check_subject(connection, scope, key)
        row = connection.execute(query).one_or_none()
    return None if row is None else Claim(*row)


def returns_of(store: Store, scope: Scope, waybill: str) -> tuple[Return, ...]:
    """After-sales whose goods came back with a waybill, the newest first: whose parcel lies on the table.

    Raises ``NotAllowed`` for a role that sees no order rows.
    """
    rights, number = row_rights(scope.role), waybill.strip().upper()
    if not number:
        return ()
    a, p = AFTERSALES.table.c, PARCELS.table.c
    signed = (
        select(func.max(p.signed_at))
        .where(p.shop_id == a.shop_id, func.upper(p.waybill) == number)
        .scalar_subquery()
    )
    columns = (a.shop_id, a.order_id, a.aftersale_id, a.kind_raw, a.status_raw, a.reason, a.refund_amount)
    query = select(*columns, a.applied_at, a.return_shipped_at, signed.label("signed_at"))
    with store.read() as connection:
        mine = (a.shop_id.in_(shops_in(connection, scope)), func.upper(a.return_waybill) == number)
        newest = query.where(*mine).order_by(a.applied_at.desc().nulls_last()).limit(MOST_RETURNS)
        rows = connection.execute(newest).all()
    found = (Return(*tuple(row)) for row in rows)
    return tuple(found if rights.money else (replace(one, refund_amount=None) for one in found))
