"""Customers: who can be told apart, who comes back, which segments there are, what remarks speak of."""

import streamlit as st

from pages.ui import buyer_lists, buyer_panels, buyer_remarks, head
from pages.ui.session import open_page
from pages.ui.text import escape

page = open_page("customers")
head.head(page, ("shop", "platform"), days=False)

if page.up_to is None:
    head.empty(page)
    st.stop()
shops = buyer_panels.shops(page)
if not any(shop.orders_paid for shop in shops):
    head.nothing_here(page)
    st.stop()

st.caption(escape(page.words("pages.customers.intro")))
buyer_panels.keys(page, shops)
keyed = any(shop.kind != "none" for shop in shops)
if keyed:
    left, right = st.columns([2, 3])
    with left:
        buyer_panels.repurchase_rates(page)
    with right:
        buyer_panels.cohort_triangle(page)
    buyer_panels.segment_table(page)
    buyer_lists.dearest(page)
buyer_remarks.tags(page)
left, right = st.columns(2)
with left:
    buyer_remarks.provinces(page, keyed=keyed)
with right:
    buyer_remarks.bands(page)
