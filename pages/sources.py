"""Content types: live, short video, product card and the rest side by side, by pay time, net of refunds."""

import streamlit as st

from pages.ui import head, source_panels
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
daily_by_source(page)
for column, key in zip(st.columns(3), source_panels.RATES, strict=True):
    with column:
        source_panels.rate(page, found, key)
source_panels.accounts(page, found)
