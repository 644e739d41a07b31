"""Abnormal orders: everything open in one list, the most urgent first, with what to do about it."""

import streamlit as st

from pages.ui import head, incident_panels, queue_filters, queue_panels
from pages.ui.queue_answers import ask
from pages.ui.session import open_page
from shopdata.abnormal.reading import Choice
from shopdata.abnormal.summary import summary

page = open_page("abnormal")
choice = queue_filters.sync(page.who.user)
head.head(page, ("shop", "platform"), days=False)

if page.up_to is None:
    head.empty(page)
    st.stop()
scope = page.scope().between(None, None)
everything = ask(page, summary, scope)
listed = everything if choice == Choice() else ask(page, summary, scope, choice)
queue_panels.key_figures(page, everything)
incident_panels.incidents(page, scope)
queue_filters.row(page, everything)
queue_panels.queue(page, scope, choice, listed.n)
queue_panels.missing(page)
