"""Month end: the books of each month, what changed after closing, and the platform board against ours."""

import streamlit as st

from pages.ui import board_panels, closing_panels, head
from pages.ui.session import open_page

page = open_page("closing")
head.head(page, ("shop", "platform"))

if page.up_to is None:
    head.empty(page)
    st.stop()

found = closing_panels.read(page)
closing_panels.months_panel(page, found)
chosen = closing_panels.pick(page, found)
if chosen is not None:
    left, right = st.columns(2)
    with left:
        closing_panels.book(page, chosen)
    with right:
        closing_panels.adjusted(page, chosen)
board_panels.board(page)
