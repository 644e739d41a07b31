"""A page's state in its URL, by one rule: the URL wins when it changed by itself, otherwise the widgets do.

Streamlit's own binding loses values between pages or makes a history entry of each parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import streamlit as st

Query = Mapping[str, list[str]]


def query_of(names: Collection[str]) -> dict[str, list[str]]:
    """What the URL says now under ``names``."""
    return {name: st.query_params.get_all(name) for name in names if name in st.query_params}


def sync(slot: str, names: Collection[str], seed: Callable[[Query], None], held: Callable[[], Query]) -> None:
    """Bring URL and widgets in line. Call before the widgets are drawn; safe to call more than once a run.

    ``seed(query)`` puts what the URL says into the widgets' session keys; ``held()`` is the query of what the
    widgets hold, defaults left out. ``slot`` names the session key that remembers the last URL.
    """
    here = query_of(names)
    if here != st.session_state.get(slot):
        seed(here)
    wanted = {name: list(values) for name, values in held().items() if values}
    if wanted != here:
        others = {name: st.query_params.get_all(name) for name in st.query_params if name not in names}
        st.query_params.from_dict({**others, **wanted})
    st.session_state[slot] = wanted
