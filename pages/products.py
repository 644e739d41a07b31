"""Products and stock: what sells, what comes back, how long the stock lasts, what a promotion needs."""

import streamlit as st

from pages.ui import (
    head,
    product_controls,
    product_detail,
    product_forecast,
    product_panels,
    promotion_panels,
    stock_panels,
)
from pages.ui.session import open_page

page = open_page("products")
choice = product_controls.sync()
head.head(
    page,
    ("shop", "platform", "compare") if choice.view == "sales" else ("shop", "platform"),
    days=choice.view == "sales",
)

if page.up_to is None:
    head.empty(page)
    st.stop()
product_controls.row(page, choice)

if choice.view == "sales":
    found = product_panels.read(page, choice.by)
    if not found.rows:
        head.nothing_here(page)
        st.stop()
    left, right = st.columns(2)
    with left:
        product_panels.money(page, found)
    with right:
        product_panels.order_value(page, found)
    left, right = st.columns(2)
    with left:
        product_panels.returned(page, found)
    with right:
        product_panels.prices(page, found)
    product_panels.everything(page, found)
    product_detail.detail(page, found)
    product_detail.pairs(page)
elif choice.view == "stock":
    stock = stock_panels.read(page)
    if stock is not None:
        stock_panels.cover(page, stock)
        stock_panels.curve(page, stock)
        stock_panels.everything(page, stock)
        stock_panels.unmatched(page, stock)
    product_forecast.coming(page)
else:
    promotion_panels.promotion(page)
