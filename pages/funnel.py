"""Order funnel: how far the orders of a period came, why some were never paid, which to win back."""

import streamlit as st

from pages.ui import funnel_steps, head, unpaid_panels
from pages.ui.exits import exits
from pages.ui.session import open_page

page = open_page("funnel")
head.head(page, ("shop", "platform", "source"))

if page.up_to is None:
    head.empty(page)
    st.stop()
found = funnel_steps.read(page)
if not found.steps or not found.steps[0].n:
    head.nothing_here(page)
    st.stop()

left, right = st.columns([3, 2])
with left:
    funnel_steps.panel_of(page)
with right:
    exits(page, found)

unpaid = unpaid_panels.read(page)
unpaid_panels.win_back(page, unpaid)
left, right = st.columns(2)
with left:
    unpaid_panels.reasons(page, unpaid)
with right:
    unpaid_panels.latency(page, unpaid)
unpaid_panels.splits(page, unpaid)
