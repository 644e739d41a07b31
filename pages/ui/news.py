"""New abnormal orders after an import: said once on whatever page is open."""

from __future__ import annotations

import streamlit as st

from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.abnormal.summary import found_since, newest_import
from shopdata.scope import Scope

SEEN = "abnormal_seen_import"


def tell(page: Page) -> None:
    """Pop up what imports into shops of one's own have found since the last look of this session; what waits
    to be judged is told at a later look."""
    mine = tuple(shop.id for shop in page.shops if not shop.is_sample)
    newest = page.ask(newest_import, mine)
    seen = st.session_state.setdefault(SEEN, newest)
    if newest <= seen:
        return
    scope = Scope(user=page.who.user, role=page.who.role, shops=mine)
    found = found_since(page.store, scope, seen)
    if found is None:
        return
    st.session_state[SEEN] = newest
    if found.n:
        said = page.words("pages.abnormal.news", n=f"{found.n:,}", high=f"{found.high:,}")
        st.toast(escape(said), icon=":material/report:", duration="long")
