"""Trends: any metric over days, weeks and months, beside its past, or over the hours of the week."""

import streamlit as st

from pages.ui import head, trend_chart, trend_controls
from pages.ui.session import open_page

page = open_page("trends")
trend_controls.sync()
head.head(page, ("shop", "platform", "source"))

if page.up_to is None:
    head.empty(page)
    st.stop()

trend_chart.chart(page, trend_controls.row(page))
