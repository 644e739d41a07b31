"""Promotions and presales: one event beside the same event before, deposits and balances, the calendar."""

import streamlit as st

from pages.ui import event_panels, head, promotion_calendar
from pages.ui.session import open_page

page = open_page("promotions")
head.head(page, ("shop", "platform"), days=False)

if page.up_to is None:
    head.empty(page)
    st.stop()

event = event_panels.pick(page)
if event is None:
    st.caption(page.words("pages.promotions.none"))
else:
    found = event_panels.read(page, event)
    event_panels.cards(page, found)
    event_panels.side_by_side(page, found)
    event_panels.presale_panel(page, found)
promotion_calendar.editor(page)
