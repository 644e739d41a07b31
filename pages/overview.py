"""Overview: key figures and their change, money by day, the way from order to completion, the work."""

import streamlit as st

from pages.ui import attention, funnel_steps, head, measures
from pages.ui.cards import cards
from pages.ui.daily import daily_by_source
from pages.ui.measures import Asked
from pages.ui.next_days import next_days
from pages.ui.session import open_page

FIGURES = (
    Asked("paid_amount", "paid"),
    Asked("orders_paid", "paid"),
    Asked("pay_rate", "placed"),
    Asked("average_order_value", "paid"),
    Asked("refund_amount", "paid"),
    Asked("refund_amount_rate", "paid"),
    Asked("net_amount", "paid"),
    Asked("ship_48h_rate", "paid"),
    Asked("ship_to_sign_hours_p50", "paid"),
    Asked("return_rate", "paid"),
    Asked("dispute_rate", "placed"),
    Asked("refund_rate_1h", "paid"),
)

page = open_page("overview")
head.head(page)
if page.up_to is None:
    head.empty(page)
    st.stop()

attention.same_clock(page)
with st.skeleton(height=480):
    deck = measures.deck(page, FIGURES)
cards(page, "overview", deck)
ahead = st.container()
left, right = st.columns([2, 1])
with left:
    daily_by_source(page)
with right:
    funnel_steps.panel_of(page, brief=True)
attention.needed(page)
with ahead:
    next_days(page)
