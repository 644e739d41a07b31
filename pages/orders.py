"""Orders: find them, read their totals, see one whole, mark it, take a selection away."""

import streamlit as st

from pages.ui import head, order_actions, order_detail, order_export, order_filters, order_list
from pages.ui.session import open_page
from pages.ui.text import escape
from shopdata.errors import NotAllowed
from shopdata.words.sentences import sentence

page = open_page("orders")
order_filters.sync()
head.head(page, ("shop", "platform"))

if page.up_to is None:
    head.empty(page)
    st.stop()

order_filters.row(page)
order_filters.figure(page)
scope, chosen = order_list.selection(page)
try:
    with st.container(key="order_totals", horizontal=True, vertical_alignment="center"):
        total = order_list.totals(page, scope, chosen)
        order_export.export(page, scope, chosen)
    order_actions.actions(page, scope, chosen)
    row = order_list.listing(page, scope, chosen, total)
    if row is None:
        st.caption(page.words("pages.orders.select_hint"))
    else:
        order_detail.detail(page, scope, row)
except NotAllowed as refused:
    st.info(escape(sentence(refused, page.words)))
