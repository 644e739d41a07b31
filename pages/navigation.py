"""The Streamlit script: the list of pages, the sidebar, the page that was asked for."""

import streamlit as st

from pages.ui import frame
from pages.ui.session import chosen_words
from pages.ui.text import escape
from shopdata.errors import ShopdataError
from shopdata.words.sentences import sentence

words = chosen_words()
named = frame.pages(words)
chosen = st.navigation(list(named.values()), position="hidden")
title = f"{chosen.title} · {words('nav.product')}"
st.set_page_config(page_title=title, page_icon=frame.icon(), layout="wide")
frame.style()
frame.sidebar(words, named)
try:
    chosen.run()
except ShopdataError as fault:
    st.error(escape(words("ui.fault_text", message=sentence(fault, words))))
