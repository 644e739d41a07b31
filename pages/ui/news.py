"""New abnormal orders after an import: said once on whatever page is open."""

from __future__ import annotations

import streamlit as st

from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.abnormal.summary import found_since, newest_import

SEEN = "abnormal_seen_import"


def tell(page: Page) -> None:
    """Pop up what imports since the last look of this session have found."""
    newest = page.ask(newest_import)
    seen = st.session_state.setdefault(SEEN, newest)
    if newest <= seen:
        return
    st.session_state[SEEN] = newest
    n, high = found_since(page.store, page.scope().between(None, None), seen)
    if n:
        said = page.words("pages.abnormal.news", n=f"{n:,}", high=f"{high:,}")
        st.toast(escape(said), icon=":material/report:", duration="long")
