"""The page of one case: its hits, what can be done, the suggested path, and everything by time."""

from __future__ import annotations

import operator
from collections import Counter
from datetime import datetime

import streamlit as st

from pages.ui import case_actions, numbers, queue_table, tables
from pages.ui.case_links import PARAMETER, case_link, decode
from pages.ui.links import page_link
from pages.ui.order_detail import told
from pages.ui.queue_panels import headline, until
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.abnormal.aside import OF_ORDERS
from shopdata.abnormal.cases import Case, CaseEvent
from shopdata.abnormal.paths import path_of
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import LONGEST_NAME, LONGEST_TEXT, assign, comment, may_work
from shopdata.errors import NotAllowed, NotFound
from shopdata.orders.timeline import Timeline, order_timeline
from shopdata.scope import Scope
from shopdata.store.case_tables import WAYBILL

SEEN = "case_seen"
FEW, TALL = 3, 360
Entry = tuple[datetime, str, str]


def asked() -> CaseKey | None:
    """The case the address names."""
    return decode(st.query_params.get(PARAMETER, ""))


def order_of(page: Page, scope: Scope, case: Case) -> Timeline | None:
    """The order the case is about, as far as this role may see it."""
    if case.key.kind != "order":
        return None
    try:
        return order_timeline(page.store, scope, case.key.shop_id, case.key.subject)
    except (NotAllowed, NotFound):
        return None


def title(page: Page, case: Case, order: Timeline | None) -> None:
    """What it is about, its state, who works it, and the ways out of it."""
    words, names = page.words, {shop.id: shop.name for shop in page.every_shop}
    about = words.get(f"pages.case.kind.{case.key.kind}", words("pages.case.kind.other"))
    said = [words(f"pages.case.state.{case.state}"), names.get(case.key.shop_id, "")]
    if case.assignee:
        said.append(words("pages.case.with", name=page.name_of(case.assignee)))
    if order is not None:
        said.append(words(f"ui.statuses.{order.order.status or 'unknown'}"))
        if order.order.paid_amount is not None:
            said.append(numbers.money(order.order.paid_amount, words, order.order.currency))
    st.subheader(escape(f"{about} {case.key.subject}"), anchor=False)
    with st.container(key="case_head", horizontal=True, vertical_alignment="center"):
        st.markdown(escape(" · ".join(filter(None, said))), width="stretch")
        page_link("abnormal", words("pages.case.to_queue"), icon=":material/arrow_back:")
        if order is not None:
            label = words("pages.abnormal.to_order")
            page_link("orders", label, icon=":material/receipt_long:", days="all", order=case.key.subject)


def hits(page: Page, case: Case) -> None:
    """What stands against it now; of several orders the most urgent, and all of them as a table."""
    if not case.hits:
        st.success(page.words("pages.case.nothing_stands"), icon=":material/check:")
    of_several = case.key.kind in OF_ORDERS
    for place, flag in enumerate(case.hits[:FEW] if of_several else case.hits):
        with st.container(key=f"case_hit_{place}", border=True):
            st.markdown(headline(page, flag))
            said = (until(page, flag), flag.number if of_several else "")
            st.caption(escape(" · ".join(filter(None, said))))
            st.markdown(escape(page.words(f"abnormal.{flag.rule}.todo")))
            if of_several:
                case_link(flag.key, page.words("pages.abnormal.to_case"))
    if of_several and len(case.hits) > FEW:
        st.caption(escape(page.words("pages.case.all_hits", n=f"{len(case.hits):,}")))
        tables.table(queue_table.grid_of(page, case.hits), page.words, "case_hits", height=TALL)


def actions(page: Page, scope: Scope, case: Case) -> None:
    """Take it, give it to somebody, answer it, write something down."""
    words, seen = page.words, _seen(case)
    if not may_work(page.who.role):
        st.caption(words("pages.case.only_read"))
        return
    with st.container(key="case_actions", border=True):
        written = st.text_area(
            words("pages.case.comment"),
            key=f"case_text_{case_actions.draft()}",
            max_chars=LONGEST_TEXT,
            height=80,
        )
        text = (written or "").strip()
        keys = (case.key, *_orders_too(page, case))
        with st.container(key="case_answers", horizontal=True, gap="small"):
            _comment(page, scope, case, text)
            if case.assignee != page.who.user:
                case_actions.take_button(page, scope, (case.key,), "case", seen=seen)
            for state in [*case_actions.ANSWERS, "open"]:
                if state != case.state:
                    case_actions.answer_button(
                        page,
                        scope,
                        keys,
                        state,
                        "case",
                        seen=seen,
                        text=text,
                        primary=state == "waiting",
                    )
        _assign(page, scope, case, seen)


def _orders_too(page: Page, case: Case) -> tuple[CaseKey, ...]:
    """The cases of the orders a case is about, where the answer is to be theirs too."""
    found = tuple(dict.fromkeys(flag.key for flag in case.hits if flag.open and flag.key != case.key))
    if not found:
        return ()
    label = page.words("pages.case.orders_too", n=f"{len(found):,}")
    chosen = st.checkbox(label, value=case.key.kind == WAYBILL, key="case_orders_too")
    return found if chosen else ()


def _seen(case: Case) -> int:
    """The newest event the page showed when it was last drawn: what a press now was decided on."""
    held, slot = st.session_state.get(SEEN), (case.key, case.newest)
    st.session_state[SEEN] = slot
    return held[1] if held is not None and held[0] == case.key else case.newest


def _comment(page: Page, scope: Scope, case: Case, text: str) -> None:
    words = page.words
    if st.button(words("pages.case.add_comment"), key="case_comment", icon=":material/chat:"):
        case_actions.attempt(
            page, lambda: comment(page.store, scope, case.key, text), words("pages.case.commented")
        )


def _assign(page: Page, scope: Scope, case: Case, seen: int) -> None:
    words = page.words
    with st.popover(words("pages.case.give"), icon=":material/person_add:"):
        name = st.text_input(words("pages.case.give_to"), key="case_assignee", max_chars=LONGEST_NAME)
        if st.button(words("ui.save"), key="case_assign"):
            case_actions.attempt(
                page,
                lambda: assign(page.store, scope, (case.key,), name or "", seen=seen),
                words("pages.case.given", name=name or words("ui.none")),
            )


def path(page: Page, case: Case) -> None:
    """The suggested way, step by step."""
    words = page.words
    steps = path_of(flag.rule for flag in case.hits if flag.open)
    if not steps:
        return
    with st.container(key="case_path", border=True):
        st.markdown(f"**{escape(words('pages.case.path'))}**")
        st.markdown(
            "\n".join(f"{n}. {escape(words(f'abnormal.path.{step}'))}" for n, step in enumerate(steps, 1))
        )


def timeline(page: Page, case: Case, order: Timeline | None) -> None:
    """What happened to the order, what was found, and what people did, the oldest first."""
    entries = [*_of_order(page, order), *_of_hits(page, case), *(_done(page, event) for event in case.events)]
    when = operator.itemgetter(0)
    with st.container(key="case_timeline", border=True):
        st.markdown(f"**{escape(page.words('pages.case.timeline'))}**")
        counted = Counter(sorted(entries, key=when))
        lines = [
            f"- `{at:%Y-%m-%d %H:%M}` {icon} {said}" + (f" × {n:,}" if n > 1 else "")
            for (at, icon, said), n in counted.items()
        ]
        st.markdown("\n".join(lines) or escape(page.words("ui.none")))


def _of_order(page: Page, order: Timeline | None) -> list[Entry]:
    if order is None:
        return []
    currency = order.order.currency
    return [
        (event.at, ":material/package_2:", escape(" · ".join(told(page, event, currency))))
        for event in order.events
    ]


def _of_hits(page: Page, case: Case) -> list[Entry]:
    words, entries = page.words, []
    stood = [(flag.rule, flag.found_at) for flag in case.hits]
    for rule, at in [*stood, *((hit.rule, hit.found_at) for hit in case.gone)]:
        if at is not None:
            said = words("pages.case.event.found", rule=words(f"abnormal.{rule}.name"))
            entries.append((at, ":material/report:", escape(said)))
    for hit in case.gone:
        name = words(f"abnormal.{hit.rule}.name")
        said = words("pages.case.event.gone", rule=name, file=hit.file or words("ui.none"))
        entries.append((hit.gone_at, ":material/check:", escape(said)))
    return entries


def _done(page: Page, event: CaseEvent) -> Entry:
    words = page.words
    state = str(event.detail.get("state", ""))
    said = words(
        f"pages.case.event.{event.action}",
        state=words(f"pages.case.state.{state}") if state else "",
        name=page.name_of(str(event.detail.get("assignee") or "")) or words("ui.none"),
    )
    who = page.name_of(event.user) if event.user else words("pages.case.by_import")
    parts = [part for part in (who, said, event.text) if part]
    return event.at, ":material/person:", escape(" · ".join(parts))
