"""Platforms side by side: what all of them can tell, what each cannot, and the shop beside a public index."""

import streamlit as st

from pages.ui import head, platform_index, platform_panels
from pages.ui.session import open_page

page = open_page("platforms")
head.head(page, ("shop",))

if page.up_to is None:
    head.empty(page)
    st.stop()
found = platform_panels.read(page)
if not found.total["orders_placed"]:
    head.nothing_here(page)
    st.stop()

platform_panels.shared(page, found)
left, right = st.columns(2)
for place, key in zip((left, right), platform_panels.RATES, strict=True):
    with place:
        platform_panels.rate(page, found, key)
platform_panels.gaps(page, found)
platform_index.index(page)
