"""Live sessions, each reviewed the morning after; without a file of sessions, live orders by hour."""

import streamlit as st

from pages.ui import head, live_cards, live_lists, live_panels
from pages.ui.session import open_page

page = open_page("live")
head.head(page, ("shop", "platform"))

if page.up_to is None:
    head.empty(page)
    st.stop()
found = live_lists.read(page)
if found.missing:
    live_lists.without_sessions(page)
    st.stop()
if not found.sessions:
    live_lists.no_session_here(page)
    live_lists.hours(page)
    st.stop()

chosen = live_panels.choose(page, found)
reviewed = live_panels.read(page, chosen)
if reviewed is None:
    live_panels.unknown(page, chosen)
else:
    live_cards.figures_of(page, reviewed)
    live_panels.curve(page, reviewed)
    left, right = st.columns([3, 2])
    with left:
        live_panels.products(page, reviewed)
    with right:
        live_panels.placed(page, reviewed)
    left, right = st.columns(2)
    with left:
        live_panels.beside(page, reviewed)
    with right:
        live_panels.hosts(page, reviewed)
live_lists.days(page)
live_lists.every(page, found)
