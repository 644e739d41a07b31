"""Settings: shops, meanings of words, rules, the group robot, buyers and their data, the watched folder,
samples.
"""

import streamlit as st

from pages.ui import buyer_settings, head, robot_settings, rule_settings, shop_settings, word_settings
from pages.ui.session import open_page
from shopdata.imports.preferences import may_change

page = open_page("settings")
head.head(page, (), days=False)

if not may_change(page.who.role):
    st.info(page.words("pages.settings.owner_only"))
    st.stop()
if st.session_state.pop(shop_settings.SAVED, False):
    st.toast(page.words("pages.settings.saved"), icon=":material/check:")

shop_settings.shops(page)
word_settings.words_of_files(page)
rule_settings.rules(page)
robot_settings.robot(page)
buyer_settings.tags(page)
buyer_settings.receivers(page)
word_settings.retention(page)
word_settings.watching(page)
word_settings.sample(page)
