"""The queue of abnormal orders: how many, what is at stake, until when; each with reason and action."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from pages.ui import case_actions, numbers, queue_table
from pages.ui.about import About
from pages.ui.attention import ICONS
from pages.ui.cards import Card, cards
from pages.ui.case_links import case_link
from pages.ui.queue_answers import ask
from pages.ui.queue_table import sees_money
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.abnormal import document
from shopdata.abnormal.reading import Choice, Flag, flags
from shopdata.abnormal.summary import Summary, below_budget
from shopdata.metrics.context import frame_of
from shopdata.scope import Scope

DAYS_FROM = 72
SHOWN, PLACE, ASKED = 20, "abnormal_place", "abnormal_asked"


def key_figures(page: Page, found: Summary) -> None:
    """How many are open, how many urgent or overdue, the next deadline, the money at stake."""
    words, ahead = page.words, found.ahead
    shown = [
        _card(page, "open", numbers.count(found.n, words), words("pages.abnormal.of_orders", n=found.orders)),
        _card(
            page, "high", numbers.count(found.high, words), words("pages.abnormal.overdue_n", n=found.overdue)
        ),
        _card(page, "next", f"{ahead:%m-%d %H:%M}" if ahead else words("ui.none"), remaining(ahead, page)),
    ]
    if sees_money(page):
        stake = numbers.money(found.amount, words, page.currency)
        shown.append(_card(page, "stake", stake, words("pages.abnormal.stake_note")))
    cards(page, "abnormal", shown)


def _card(page: Page, key: str, value: str, note: str) -> Card:
    words = page.words
    about = About((), "placed", note=words(f"pages.abnormal.card_about.{key}"), all_days=True)
    return Card(f"abnormal_{key}", words(f"pages.abnormal.card.{key}"), value, about, note=note)


def queue(page: Page, scope: Scope, choice: Choice, total: int) -> None:
    """The chosen hits: the most urgent ones with their action, and all of them as a table; how many more only
    the alarm budget holds back."""
    words = page.words
    if total:
        _most_urgent(page, scope, choice, total)
    else:
        st.success(words("pages.abnormal.nothing"), icon=":material/check:")
    if not choice.below_budget and (below := ask(page, below_budget, scope, choice)):
        st.caption(words("pages.abnormal.below_budget", n=f"{below:,}"))
    if total:
        queue_table.table(page, scope, choice, total, f"{hash((scope, choice))}")


def _most_urgent(page: Page, scope: Scope, choice: Choice, total: int) -> None:
    words, state = page.words, st.session_state
    if state.get(ASKED) != (scope, choice):
        state[ASKED], state[PLACE] = (scope, choice), 1
    shown = SHOWN * state[PLACE]
    for place, flag in enumerate(ask(page, flags, scope, choice, most=shown)):
        with st.container(key=f"hit_{place}", border=True):
            _hit(page, scope, flag)
    if total > shown:
        label = words("pages.abnormal.more", n=f"{min(SHOWN, total - shown)}", rest=f"{total - shown:,}")
        if st.button(label, key="abnormal_more", width="stretch"):
            state[PLACE] += 1
            st.rerun()


def _hit(page: Page, scope: Scope, flag: Flag) -> None:
    words, names = page.words, {shop.id: shop.name for shop in page.every_shop}
    st.markdown(headline(page, flag))
    who = [until(page, flag), flag.number, names.get(flag.shop_id, "")]
    if flag.case is not None:
        who += [words(f"pages.case.state.{flag.case.state}"), page.name_of(flag.case.assignee or "")]
    st.caption(escape(" · ".join(part for part in who if part)))
    st.markdown(escape(words(f"abnormal.{flag.rule}.todo")))
    name = f"{flag.rule}_{flag.shop_id}_{flag.subject}"
    with st.container(key=f"todo_{name}", horizontal=True, gap="small", vertical_alignment="center"):
        if flag.open or flag.below_budget:
            case_actions.answer_button(page, scope, (flag.key,), "waiting", name, primary=True)
        else:
            case_actions.answer_button(page, scope, (flag.key,), "open", name)
        case_link(flag.key, words("pages.abnormal.to_case"))


def headline(page: Page, flag: Flag) -> str:
    """A hit in one line: its rule, why it fired, the money at stake."""
    said = [page.words(f"abnormal.{flag.rule}.name"), document.why(flag, page.words)]
    if flag.amount and sees_money(page):
        said.append(numbers.money(flag.amount, page.words, page.currency))
    return f"{ICONS[flag.severity]} **{escape(said[0])}** · {escape(' · '.join(said[1:]))}"


def until(page: Page, flag: Flag) -> str:
    """The time that is left by the wall clock, beside the time of the state it rests on."""
    said = [remaining(flag.deadline, page)] if flag.deadline else []
    if flag.as_of:
        said.append(page.words("pages.abnormal.as_of", at=f"{flag.as_of:%m-%d %H:%M}"))
    return page.words("ui.list_separator").join(said)


def remaining(deadline: datetime | None, page: Page) -> str:
    """Time left, or since, by the wall clock: hours, from three days on days."""
    if deadline is None:
        return page.words("pages.abnormal.no_deadline")
    hours = (deadline - page.now).total_seconds() / 3600
    unit, n = ("days", hours / 24) if abs(hours) >= DAYS_FROM else ("hours", hours)
    length = page.words(f"ui.{unit}", value=f"{abs(n):,.1f}")
    key = "left" if hours >= 0 else "over"
    return page.words(f"pages.abnormal.{key}", n=length, at=f"{deadline:%m-%d %H:%M}")


def missing(page: Page) -> None:
    """Rules that wait for a file."""
    words = page.words
    by_file: dict[str, list[str]] = {}
    for rule, file in document.missing(frame_of(page.store, page.scope())).items():
        by_file.setdefault(file, []).append(words(f"abnormal.{rule}.name"))
    for file, rules in by_file.items():
        st.caption(f":material/upload_file: {escape(_waits(page, file, rules))}")


def _waits(page: Page, file: str, rules: Sequence[str]) -> str:
    named = page.words("ui.list_separator").join(rules)
    return page.words("pages.abnormal.missing", file=page.words.get(f"ui.kinds.{file}", file), rules=named)
