"""Abnormal orders: everything open in one list, the most urgent first, with what to do about it."""

import streamlit as st

from pages.ui import head, queue_panels
from pages.ui.session import open_page

page = open_page("abnormal")
choice = queue_panels.sync()
head.head(page, ("shop", "platform"), days=False)

if page.up_to is None:
    head.empty(page)
    st.stop()
found = queue_panels.read(page)
queue_panels.key_figures(page, found)
queue_panels.row(page, found)
queue_panels.queue(page, found, choice)
queue_panels.missing(page)
