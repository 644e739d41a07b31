"""Content types side by side and on equal terms: live, short video, product card, the rest; by pay time."""

import streamlit as st

from pages.ui import equal_panels, head, source_hours, source_panels
from pages.ui.daily import daily_by_source
from pages.ui.session import open_page

page = open_page("sources")
head.head(page, ("shop", "platform"))

if page.up_to is None:
    head.empty(page)
    st.stop()
found = source_panels.read(page)
if not found.by_source.total["orders_paid"]:
    head.nothing_here(page)
    st.stop()

source_panels.side_by_side(page, found)
equal_panels.equal(page)
left, right = st.columns(2)
with left:
    daily_by_source(page)
with right:
    source_hours.by_hour(page)
for column, key in zip(st.columns(3), source_panels.RATES, strict=True):
    with column:
        source_panels.rate(page, found, key)
source_panels.accounts(page, found)
