"""Which abnormal orders the queue lists: its own choices, in the URL and in one row of widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import address
from pages.ui.links import page_link
from pages.ui.session import Page
from pages.ui.text import escape, plain
from shopdata.abnormal.cases import STATES
from shopdata.abnormal.reading import Choice
from shopdata.abnormal.rules import RULES
from shopdata.abnormal.summary import Summary

LAST_URL, MINE, BELOW = "abnormal_url", "mine", "below"
TICKED = (MINE, BELOW)
ALLOWED: Mapping[str, Sequence[str]] = {
    "rule": ("", *RULES),
    "severity": ("", "high", "medium", "low"),
    "state": ("", *STATES),
    **dict.fromkeys(TICKED, ("", "1")),
}


def widget(name: str) -> str:
    """The session key of a choice's widget."""
    return f"abnormal_{name}"


def _seed(query: address.Query) -> None:
    for name, allowed in ALLOWED.items():
        value = next(iter(query.get(name, ())), "")
        value = value if value in allowed else ""
        st.session_state[widget(name)] = bool(value) if name in TICKED else value


def _held() -> dict[str, list[str]]:
    values = {name: st.session_state.get(widget(name)) or "" for name in ALLOWED}
    values |= {name: "1" if values[name] else "" for name in TICKED}
    return {name: [value] for name, value in values.items() if value in ALLOWED[name] and value}


def sync(user: str) -> Choice:
    """Bring the page's own choices and the URL in line. A choice that comes back as words of another language
    is no choice."""
    for name, allowed in ALLOWED.items():
        if name not in TICKED and st.session_state.get(widget(name), "") not in allowed:
            st.session_state[widget(name)] = ""
    address.sync(LAST_URL, tuple(ALLOWED), _seed, _held)
    one = {name: values[0] for name, values in _held().items()}
    return Choice(
        rules=(one["rule"],) if "rule" in one else (),
        severity=one.get("severity", ""),
        state=one.get("state", ""),
        assignee=user if MINE in one else "",
        below_budget=BELOW in one,
    )


def row(page: Page, found: Summary) -> None:
    """How many of each rule, each a way to its hits; then the choices. Of the rules only those with hits are
    offered, and no figure stands in a choice: a choice is known by its words, which must not change."""
    words, rule = page.words, st.session_state.get(widget("rule")) or ""
    with st.container(key="abnormal_counts", horizontal=True, gap="small"):
        for key, n in found.by_rule.items():
            named = words("pages.abnormal.rule_n", rule=words(f"abnormal.{key}.name"), n=f"{n:,}")
            page_link("abnormal", escape(named), rule=key)
    offered = ["", *found.by_rule, *([rule] if rule and rule not in found.by_rule else [])]
    names = {key: words(f"abnormal.{key}.name") for key in offered if key}
    with st.container(key="abnormal_row", horizontal=True, gap="small", vertical_alignment="center"):
        _select(page, "rule", offered, names, 320)
        severities = {key: words(f"abnormal.severity.{key}") for key in ALLOWED["severity"] if key}
        _select(page, "severity", ALLOWED["severity"], severities, 130)
        states = {key: words(f"pages.case.state.{key}") for key in STATES}
        _select(page, "state", ALLOWED["state"], states, 190)
        for name in TICKED:
            st.checkbox(words(f"pages.abnormal.{name}"), key=widget(name), persist_state="session")


def _select(page: Page, name: str, options: Sequence[str], names: Mapping[str, str], width: int) -> None:
    named = {"": page.words(f"pages.abnormal.all_{name}"), **names}
    st.selectbox(
        page.words(f"pages.abnormal.{name}"),
        options,
        key=widget(name),
        format_func=lambda key: plain(named[key]),
        label_visibility="collapsed",
        width=width,
        persist_state="session",
    )
