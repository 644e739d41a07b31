"""Influencers: what stays of what they sell, who sends goods back, what commission is still to come."""

import streamlit as st

from pages.ui import head, influencer_detail, influencer_money, influencer_panels, influencer_terms
from pages.ui.session import open_page

page = open_page("influencers")
head.head(page, ("shop", "platform", "source"))

if page.up_to is None:
    head.empty(page)
    st.stop()
found = influencer_panels.read(page)
if not found.rows:
    head.nothing_here(page)
    st.stop()

influencer_panels.key_figures(page, found)
influencer_panels.caveats(page, found)
left, right = st.columns(2)
with left:
    influencer_panels.ranking(page, found)
with right:
    influencer_panels.refunds(page, found)
influencer_panels.comparison(page, found)
influencer_detail.detail(page, found)
left, right = st.columns(2)
with left:
    influencer_money.waterfall(page, found)
with right:
    influencer_money.turns(page, found)
influencer_terms.team_leaders(page)
influencer_terms.agreed(page)
influencer_terms.returned(page, found)
