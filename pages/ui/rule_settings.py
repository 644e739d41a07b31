"""Rules for abnormal orders in the settings: their limits in a shop, who set them, and how the rules do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from pages.ui import numbers, tables
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from pages.ui.text import escape, plain
from shopdata.abnormal.definition import Limit, Unit
from shopdata.abnormal.document import amount_in_words
from shopdata.abnormal.limits import A_DAY, BUDGET, LIMITS, SetLimit, limit_history, set_limit
from shopdata.abnormal.precision import Record, records
from shopdata.abnormal.rules import RULES
from shopdata.errors import ShopdataError
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words.sentences import sentence

# What people type: yuan for fen, percent for shares.
TYPED: Mapping[Unit, float] = {"fen": 100, "ratio": 0.01}
UNITS = {"rule": "text", "severity": "text", "limit": "text", "value": "text", "set": "text"}
COUNTS = {"hits": "orders", "share": "text"}
History = tuple[SetLimit, ...]


def rules(page: Page) -> None:
    """The table of rules and limits of a shop, the form that changes one, and what was changed before."""
    words = page.words
    st.subheader(words("pages.rules.title"), anchor=False)
    st.caption(words("pages.rules.note"))
    if not page.every_shop:
        return
    with st.expander(words("pages.rules.open"), key="rules_open", on_change="rerun") as opened:
        if opened.open:
            _shop(page)


def _shop(page: Page) -> None:
    words, names = page.words, {shop.id: plain(shop.name) for shop in page.every_shop}
    shop_id = st.selectbox(
        words("ui.filters.shop"), list(names), key="rules_shop", format_func=lambda one: names[one]
    )
    scope = Scope(user=page.who.user, role=page.who.role, shops=(shop_id,))
    history = _history(page.store, shop_id)
    found = records(page.store, scope)
    columns = Column.each(words, "pages.rules.column", UNITS | COUNTS, pinned="rule")
    tables.table(Grid.of(columns, _rows(page, found, history)), words, f"rules_{shop_id}", height=420)
    _form(page, scope, shop_id, history)
    if history:
        st.caption(words("pages.rules.history"))
        for one in reversed(history):
            st.caption(escape(_changed(page, one)))


def _history(store: Store, shop_id: int) -> History:
    with store.read() as connection:
        return limit_history(connection, shop_id)


def _in_force(history: History, today: date) -> Mapping[tuple[str, str], SetLimit]:
    """The newest word on each limit a shop has set that holds by today."""
    return {(one.rule, one.name): one for one in history if one.from_day <= today}


def _rows(page: Page, found: Mapping[str, Record], history: History) -> Sequence[Mapping[str, Cell]]:
    """A row for each limit of each rule; a rule without limits has one."""
    words, held = page.words, _in_force(history, page.now.date())
    rows: list[Mapping[str, Cell]] = []
    for key, rule in RULES.items():
        record = found[key]
        shared: dict[str, Cell] = {
            "rule": words(f"abnormal.{key}.name"),
            "severity": words(f"abnormal.severity.{rule.severity}"),
            "hits": record.hits,
            "share": _share(page, record),
        }
        for limit in rule.limits:
            rows.append(shared | _limit_cells(page, limit, held.get((key, limit.name))))
        if not rule.limits:
            rows.append(shared)
    budget: dict[str, Cell] = {"rule": words(f"abnormal.{BUDGET}.name")}
    return [*rows, budget | _limit_cells(page, A_DAY, held.get((BUDGET, A_DAY.name)))]


def _share(page: Page, record: Record) -> str:
    answered = record.confirmed + record.false_alarms
    share = numbers.ratio(record.share, page.words)
    return page.words("pages.rules.share", share=share, n=answered) if answered else ""


def _limit_cells(page: Page, limit: Limit, own: SetLimit | None) -> dict[str, Cell]:
    words = page.words
    value = limit.default if own is None or own.value is None else own.value
    said = amount_in_words(value, limit.unit, words)
    is_ours = limit.ours and value == limit.default
    who = "" if own is None or own.value is None else f"{own.from_day:%Y-%m-%d} {own.user or ''}".strip()
    return {
        "limit": words(f"abnormal.limits.{limit.name}"),
        "value": f"{said} *" if is_ours else said,
        "set": who or words("pages.rules.default"),
    }


def _changed(page: Page, one: SetLimit) -> str:
    words = page.words
    limit = next((each for each in LIMITS.get(one.rule, ()) if each.name == one.name), None)
    known = limit is not None and one.value is not None
    value = amount_in_words(one.value, limit.unit, words) if limit and known else words("pages.rules.default")
    return words(
        "pages.rules.changed",
        at=f"{one.at:%Y-%m-%d %H:%M}",
        user=one.user or "–",
        rule=words(f"abnormal.{one.rule}.name"),
        limit=words.get(f"abnormal.limits.{one.name}", one.name),
        value=value,
        day=f"{one.from_day:%Y-%m-%d}",
    )


def _form(page: Page, scope: Scope, shop_id: int, history: History) -> None:
    """Setting one limit from a day on, or taking its default again."""
    words, today = page.words, page.now.date()
    with st.container(key="rule_form", horizontal=True, vertical_alignment="bottom"):
        key, limit = _choice(page)
        own = _in_force(history, today).get((key, limit.name))
        mine = None if own is None else own.value
        held = limit.default if mine is None else mine
        scale = TYPED.get(limit.unit, 1)
        value = st.number_input(
            _asked(page, limit.unit),
            min_value=0.0,
            value=round(held / scale, 4),
            key=f"rule_value_{shop_id}_{key}_{limit.name}_{held}",
            width=170,
        )
        day = st.date_input(words("pages.rules.from"), today, key="rule_from", width=150)
        if st.button(words("ui.save"), key="rule_save", type="primary"):
            _set(page, scope, shop_id, (key, limit.name), value * scale, day)
        if mine is not None and st.button(words("pages.rules.reset"), key="rule_reset"):
            _set(page, scope, shop_id, (key, limit.name), None, today)


def _choice(page: Page) -> tuple[str, Limit]:
    """The rule and which of its limits."""
    words = page.words
    key = st.selectbox(
        words("pages.rules.rule"),
        list(LIMITS),
        key="rule_key",
        format_func=lambda one: words(f"abnormal.{one}.name"),
        width=260,
    )
    limit = st.selectbox(
        words("pages.rules.limit"),
        LIMITS[key],
        key=f"rule_limit_{key}",
        format_func=lambda one: words(f"abnormal.limits.{one.name}"),
        width=260,
    )
    return key, limit


def _asked(page: Page, unit: Unit) -> str:
    """The label of the number, with its unit: what the words put around a number."""
    words = page.words
    named = words(f"abnormal.units.{unit}", n="").strip()
    return words("pages.rules.value", unit=named) if named else words("pages.rules.number")


def _set(
    page: Page, scope: Scope, shop_id: int, which: tuple[str, str], value: float | None, day: date
) -> None:
    try:
        set_limit(page.store, scope, shop_id, *which, value, from_day=day)
    except ShopdataError as fault:
        st.error(escape(sentence(fault, page.words)))
    else:
        st.toast(page.words("pages.settings.saved"), icon=":material/check:")
        st.rerun()
