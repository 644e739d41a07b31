"""Marking the order of a case as a malicious claim by hand, and finding whose return lies on the table."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import tables
from pages.ui.case_actions import attempt, draft
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from pages.ui.text import escape
from shopdata.abnormal.cases import Case
from shopdata.abnormal.checklists import CLAIMS
from shopdata.abnormal.claims import Claim, returns_of, set_claim, withdraw_claim
from shopdata.abnormal.working import LONGEST_TEXT
from shopdata.scope import Scope

LONGEST_WAYBILL = 40
FOUND = {
    "order_id": "text",
    "aftersale_id": "text",
    "kind": "text",
    "status": "text",
    "reason": "text",
    "refund_amount": "fen",
    "sent_at": "time",
    "signed_at": "time",
}


def claim_form(page: Page, scope: Scope, case: Case, claim: Claim | None) -> None:
    """What is marked, the form to change it, and the look-up of a return."""
    words = page.words
    if claim is not None:
        said = [words(f"abnormal.disputes.{claim.kind}"), page.name_of(claim.marked_by or "")]
        if claim.expected:
            first, last = claim.expected
            said.append(words("pages.case.claim.expected", first=f"{first:%m-%d}", last=f"{last:%m-%d}"))
        marked = words("pages.case.claim.marked", what=" · ".join(filter(None, said)))
        st.markdown(f":red[:material/gavel:] {escape(marked)}")
    label = words("pages.case.claim.title" if claim is None else "pages.case.claim.change")
    with st.expander(label, icon=":material/gavel:", key="case_claim_open", on_change="rerun") as opened:
        if opened.open:
            _form(page, scope, case, claim)
            if claim is not None:
                _withdraw(page, scope, case)
            _look_up(page, scope)


def _form(page: Page, scope: Scope, case: Case, claim: Claim | None) -> None:
    words, key = page.words, f"{case.key.subject}_{draft()}"
    names = {kind: words(f"abnormal.disputes.{kind}") for kind in CLAIMS}
    with st.form(f"claim_{key}", border=False):
        kind = st.selectbox(
            words("pages.case.claim.kind"),
            list(names),
            index=CLAIMS.index(claim.kind) if claim else 0,
            format_func=lambda one: names[one],
            key=f"claim_kind_{key}",
        )
        waybill = st.text_input(
            words("pages.case.claim.return_waybill"),
            value=claim.return_waybill or "" if claim else "",
            max_chars=LONGEST_WAYBILL,
            key=f"claim_waybill_{key}",
        )
        inspection = st.text_area(
            words("pages.case.claim.inspection"),
            value=claim.inspection or "" if claim else "",
            max_chars=LONGEST_TEXT,
            height=80,
            key=f"claim_text_{key}",
        )
        appealed_on = st.date_input(
            words("pages.case.claim.appealed_on"),
            value=claim.appealed_on if claim else None,
            max_value=page.now.date(),
            key=f"claim_day_{key}",
        )
        if st.form_submit_button(words("ui.save"), type="primary", key=f"claim_save_{key}"):
            change = partial(set_claim, page.store, scope, case.key, kind)
            given = partial(change, return_waybill=waybill, inspection=inspection, appealed_on=appealed_on)
            attempt(page, given, words("pages.case.claim.saved"))


def _withdraw(page: Page, scope: Scope, case: Case) -> None:
    if st.button(page.words("pages.case.claim.withdraw"), key="claim_withdraw"):
        change = partial(withdraw_claim, page.store, scope, case.key)
        attempt(page, change, page.words("pages.case.claim.withdrawn"))


def _look_up(page: Page, scope: Scope) -> None:
    """Whose parcel it is that came back."""
    words = page.words
    waybill = st.text_input(words("pages.case.claim.look_up"), key="claim_look_up", max_chars=LONGEST_WAYBILL)
    if not (waybill or "").strip():
        return
    found = returns_of(page.store, scope, waybill or "")
    if not found:
        st.info(words("pages.case.claim.not_found"), icon=":material/search_off:")
        return
    rows = [{name: getattr(one, name) for name in FOUND} for one in found]
    columns = Column.each(words, "pages.case.claim.column", FOUND, pinned="order_id")
    tables.table(Grid.of(columns, rows), words, "claim_returns")
