"""What is suspended, ending it, the form that suspends, and the next holiday to take over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from pages.ui.session import Page
from pages.ui.text import escape, plain
from shopdata.abnormal.suspending import Proposal, end_suspension, proposal, suspend, suspended
from shopdata.abnormal.suspensions import SUSPENDABLE, Suspension
from shopdata.abnormal.working import may_work
from shopdata.errors import ShopdataError
from shopdata.metrics.labels import place_of
from shopdata.platforms.places import places
from shopdata.scope import Scope
from shopdata.words.sentences import sentence


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds at first; no province or courier: all of them."""

    shop_id: int
    rules: tuple[str, ...]
    province: str | None
    courier: str | None
    from_day: date
    to_day: date
    reason: str = ""


def suspensions(page: Page, scope: Scope) -> None:
    """One line a suspension, with how many hits it holds back; the next holiday where none covers it."""
    held = suspended(page.store, scope)
    for one, n in held.items():
        with st.container(key=f"suspension_{one.id}", horizontal=True, vertical_alignment="center"):
            st.caption(f":material/pause_circle: {escape(_line(page, one, n))}", width="stretch")
            label = page.words("pages.incidents.end")
            if may_work(page.who.role) and st.button(label, key=f"end_{one.id}", type="tertiary"):
                end_suspension(page.store, scope, one.id)
                st.rerun()
    coming = proposal(page.store)
    if coming is not None and may_work(page.who.role) and not _covers(held, coming):
        _holiday(page, scope, coming)


def _line(page: Page, one: Suspension, n: int) -> str:
    words = page.words
    where = [place_of("province", one.province, words), one.courier]
    named = [shop.name for shop in page.every_shop if shop.id == one.shop_id and len(page.every_shop) > 1]
    rules = words("ui.list_separator").join(words(f"abnormal.{rule}.name") for rule in one.rules)
    lane = " · ".join(part for part in (*named, *where) if part) or words("pages.incidents.everywhere")
    key = "suspended" if one.from_day <= page.now.date() else "will_suspend"
    days = {"first": f"{one.from_day:%m-%d}", "last": f"{one.to_day:%m-%d}"}
    line = words(f"pages.incidents.{key}", n=f"{n:,}", lane=lane, rules=rules, **days)
    who = " ".join(part for part in (one.reason, one.user) if part)
    return f"{line} · {who}" if who else line


def _covers(held: Mapping[Suspension, int], coming: Proposal) -> bool:
    return any(one.from_day <= coming.first and one.to_day >= coming.last for one in held)


def _holiday(page: Page, scope: Scope, coming: Proposal) -> None:
    words, name = page.words, page.words(f"abnormal.holidays.{coming.key}")
    days = {"first": f"{coming.first:%m-%d}", "last": f"{coming.last:%m-%d}"}
    label = words("pages.incidents.holiday", holiday=name, **days)
    shops = [shop.id for shop in page.shops if page.filters.shop in (None, 0, shop.id)]
    if not shops:
        return
    with st.popover(escape(label), icon=":material/event:", key="holiday_suspend", type="tertiary"):
        note = "holiday_note" if coming.is_announced else "holiday_not_announced"
        st.caption(escape(words(f"pages.incidents.{note}", year=coming.first.year)))
        shop_id = shops[0]
        if len(shops) > 1:
            names = {shop.id: plain(shop.name) for shop in page.shops}
            shop_id = st.selectbox(
                words("ui.filters.shop"), shops, key="holiday_shop", format_func=lambda one: names[one]
            )
        draft = Draft(shop_id, SUSPENDABLE, None, None, coming.first, coming.last, name)
        form(page, scope, f"holiday_{shop_id}", draft)


def form(page: Page, scope: Scope, key: str, draft: Draft) -> None:
    """Rules, place, courier, days and reason; suspends when sent."""
    words = page.words
    with st.form(f"form_{key}", border=False):
        given = _inputs(page, key, draft)
        sent = st.form_submit_button(words("pages.incidents.suspend_do"), type="primary")
    if not sent:
        return
    if given is None:
        st.error(words("pages.incidents.two_days"))
        return
    try:
        suspend(
            page.store,
            scope,
            given.shop_id,
            from_day=given.from_day,
            to_day=given.to_day,
            rules=given.rules,
            province=given.province,
            courier=given.courier,
            reason=given.reason,
        )
    except ShopdataError as fault:
        st.error(escape(sentence(fault, words)))
    else:
        st.rerun()


def _inputs(page: Page, key: str, draft: Draft) -> Draft | None:
    """What the form holds now; ``None`` while there are no two days."""
    words = page.words
    rules = st.multiselect(
        words("pages.incidents.rules"),
        SUSPENDABLE,
        draft.rules,
        key=f"rules_{key}",
        format_func=lambda rule: words(f"abnormal.{rule}.name"),
    )
    options = ["", *places().provinces]
    province = st.selectbox(
        words("pages.incidents.province"),
        options,
        index=options.index(draft.province or ""),
        key=f"province_{key}",
        format_func=lambda code: place_of("province", code, words) or words("pages.incidents.everywhere"),
    )
    courier = st.text_input(
        words("pages.incidents.courier"),
        plain(draft.courier or ""),
        key=f"courier_{key}",
        max_chars=40,
        placeholder=words("pages.incidents.any_courier"),
    )
    shown = (draft.from_day, draft.to_day)
    days = st.date_input(words("pages.incidents.days"), shown, key=f"days_{key}", format="YYYY-MM-DD")
    reason = st.text_input(words("pages.incidents.reason"), draft.reason, key=f"reason_{key}", max_chars=200)
    if not isinstance(days, tuple) or len(days) != 2:
        return None
    return Draft(draft.shop_id, tuple(rules), province or None, courier or None, *days, reason or "")
