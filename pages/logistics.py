"""Logistics: how long parcels take and where, couriers on equal lanes, the slowest lanes, kept promises."""

import streamlit as st

from pages.ui import (
    head,
    logistics_choice,
    logistics_lanes,
    logistics_map,
    logistics_stages,
    measures,
    trend_chart,
)
from pages.ui.cards import cards
from pages.ui.measures import Asked
from pages.ui.session import open_page
from pages.ui.trend_controls import Choice

FIGURES = (
    Asked("ship_to_sign_hours_p50", "paid"),
    Asked("ship_to_sign_hours_p90", "paid"),
    Asked("pay_to_ship_hours_p50", "paid"),
    Asked("orders_transit", "paid"),
    Asked("ship_48h_rate", "paid"),
    Asked("ship_promise_rate", "paid"),
    Asked("pickup_24h_rate", "paid"),
    Asked("return_rate", "paid"),
)

page = open_page("logistics")
logistics_choice.sync()
head.head(page)

if page.up_to is None:
    head.empty(page)
    st.stop()
found = logistics_map.read(page)
if not found.total["orders_paid"]:
    head.nothing_here(page)
    st.stop()

with st.skeleton(height=320):
    deck = measures.deck(page, FIGURES)
cards(page, "logistics", deck)
logistics_map.maps(page, found)
left, right = st.columns(2)
with left:
    logistics_lanes.compared(page)
with right:
    logistics_stages.legs(page, found)
logistics_lanes.worst(page)
left, right = st.columns([3, 2])
with left:
    trend_chart.hours_of_week(page, Choice("orders_shipped", "heat", "event"))
with right:
    logistics_stages.transit(page, found)
