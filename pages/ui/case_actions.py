"""What is done to cases, from the queue and from the page of one case: one press each, refused in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import answer, assign, may_work
from shopdata.errors import ShopdataError
from shopdata.scope import Scope
from shopdata.words.sentences import sentence

ANSWERS: Mapping[str, str] = {
    "waiting": ":material/hourglass_top:",
    "resolved": ":material/task_alt:",
    "false_alarm": ":material/notifications_off:",
}

DRAFT = "case_draft"


def draft() -> int:
    """Grows with every change, so that a widget keyed by it is empty again after one."""
    return int(st.session_state.get(DRAFT, 0))


def attempt(page: Page, change: Callable[[], object], said: str) -> None:
    """Do it and draw the page anew with a word on it, or say why it was refused."""
    try:
        change()
    except ShopdataError as fault:
        st.error(escape(sentence(fault, page.words)))
    else:
        st.session_state[DRAFT] = draft() + 1
        st.toast(escape(said), icon=":material/check:")
        st.rerun()


def answer_button(
    page: Page,
    scope: Scope,
    keys: Sequence[CaseKey],
    state: str,
    place: str,
    *,
    seen: int | None = None,
    text: str = "",
    primary: bool = False,
) -> None:
    """A button that brings the cases into ``state``."""
    words = page.words
    pressed = st.button(
        words(f"pages.case.answer.{state}"),
        key=f"{state}_{place}",
        icon=ANSWERS.get(state, ":material/undo:"),
        type="primary" if primary else "secondary",
        help=words(f"pages.case.answer_help.{state}"),
        disabled=not keys or not may_work(page.who.role),
    )
    if pressed:
        said = words(f"pages.case.answered.{state}", n=f"{len(keys):,}")
        attempt(page, lambda: answer(page.store, scope, keys, state, seen=seen, text=text), said)


def take_button(
    page: Page, scope: Scope, keys: Sequence[CaseKey], place: str, *, seen: int | None = None
) -> None:
    """A button that gives the cases to whoever presses it."""
    words = page.words
    pressed = st.button(
        words("pages.case.take"),
        key=f"take_{place}",
        icon=":material/front_hand:",
        disabled=not keys or not may_work(page.who.role),
    )
    if pressed:
        said = words("pages.case.taken", n=f"{len(keys):,}")
        attempt(page, lambda: assign(page.store, scope, keys, page.who.user, seen=seen), said)
