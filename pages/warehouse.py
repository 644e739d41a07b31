"""Warehouse advice: where orders go, and what a warehouse elsewhere would save against today."""

import streamlit as st

from pages.ui import head, warehouse_demand, warehouse_lanes, warehouse_plans
from pages.ui.session import open_page

page = open_page("warehouse")
head.head(page, ("shop", "platform"))

if page.up_to is None:
    head.empty(page)
    st.stop()
found = warehouse_demand.read(page)
if not found.lanes.shipped:
    head.nothing_here(page)
    st.stop()

warehouse_demand.origins(page, found)
left, right = st.columns(2)
with left:
    warehouse_demand.provinces(page, found)
with right:
    warehouse_demand.cities(page, found)
if found.estimate is None:
    warehouse_demand.refusal(page, found)
    st.stop()
warehouse_demand.what_if(page, found)
warehouse_plans.plans(page, found)
warehouse_lanes.lanes(page, found)
