"""Reconciliation: from what was ordered to what reached the account, and every row on the way."""

import streamlit as st

from pages.ui import head, money_bridge, money_flow, money_profit, money_rows
from pages.ui.session import open_page
from shopdata.analysis.money import money

page = open_page("money")
head.head(page, ("shop", "platform"))

if page.up_to is None:
    head.empty(page)
    st.stop()
found = money(page.store, page.scope("placed"))
if not found.bridges.cells:
    head.nothing_here(page)
    st.stop()

money_bridge.bridge(page, found.bridges)
money_bridge.split(page, found.bridges)
money_bridge.rows_of_step(page, found.bridges)
money_profit.profit(page, found.bridges)
left, right = st.columns(2)
with left:
    money_rows.refund_dates(page, found)
with right:
    money_rows.lag(page, found)
money_rows.files(page, found)
money_rows.unexplained(page, found)
if found.flow.scenes:
    money_flow.scenes(page, found)
    money_flow.balances(page, found)
    money_flow.check(page, found)
