"""Links between pages that carry the shared filters, and links to fetch a file once."""

from __future__ import annotations

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages.ui import filters
from pages.ui.text import escape


def page_file(name: str) -> str:
    """The file of a page, relative to the main script; ``import`` is a word of the language."""
    return "import_files.py" if name == "import" else f"{name}.py"


def page_link(name: str, label: str, *, icon: str | None = None, **query: str | list[str]) -> None:
    """A link to the page ``name`` with the filters of now and ``query`` on top.

    A page run by itself (in a test) knows no other pages; there the label stands alone.
    """
    wanted: dict[str, str | list[str]] = {**filters.encode(filters.sync()), **query}
    try:
        st.page_link(page_file(name), label=label, icon=icon, query_params=wanted or None)
    except (StreamlitAPIException, KeyError):
        st.caption(escape(label))
