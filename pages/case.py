"""One case: what was found about an order, what to do by when, everything that was done, and by whom."""

import streamlit as st

from pages.ui import case_panels, head
from pages.ui.case_evidence import evidence
from pages.ui.session import open_page
from pages.ui.text import escape
from shopdata.abnormal.cases import read_case
from shopdata.errors import NotFound
from shopdata.words.sentences import sentence

page = open_page("case")
key = case_panels.asked()
head.head(page, (), days=False)

scope = page.scope().between(None, None)
if key is None:
    st.info(page.words("pages.case.none"))
    st.stop()
try:
    case = read_case(page.store, scope, key)
except NotFound as fault:
    st.info(escape(sentence(fault, page.words)))
    st.stop()
order = case_panels.order_of(page, scope, case)
case_panels.title(page, case, order)
case_panels.hits(page, case)
case_panels.actions(page, scope, case)
case_panels.path(page, case)
evidence(page, case, scope)
case_panels.timeline(page, case, order)
