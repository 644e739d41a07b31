"""Describing a file nobody knows: what its columns are, how it is then read, its name, and its import.

The columns and words themselves are in ``describe_columns``; guesses, text and trial in ``imports.wizard``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

import streamlit as st

from pages.ui import describe_columns, import_words, shop_settings, tables
from pages.ui.session import Page
from pages.ui.text import escape, plain
from shopdata.errors import BadUsage, ShopdataError
from shopdata.imports import own_formats
from shopdata.imports.format_checks import PLATFORMS
from shopdata.imports.results import Preview
from shopdata.imports.wizard.draft import CHINA, OWN_PLACES, Draft, propose, with_setting
from shopdata.imports.wizard.templates import templates
from shopdata.imports.wizard.text import toml_of
from shopdata.imports.wizard.trial import look, tried
from shopdata.ingest.results import Described
from shopdata.web import state
from shopdata.web.waiting import WAITING, Waiting
from shopdata.words.sentences import sentence

UNDER_WAY = "describing"
OFFERED_FOR = frozenset(["format_unknown", "format_ambiguous", "column_missing"])
SHOWN = 20
MARK_NAMES = {".": "point", ",": "comma"}


@dataclass(frozen=True, slots=True)
class Describing:
    """What is being described: the upload, what stands in it, the draft, and its last trial."""

    upload: str
    described: Described
    draft: Draft
    trial: Preview | None = None


def offer(page: Page, one: Waiting, seen: Preview) -> None:
    """The way in, beside the refusal of an upload that is one file."""
    if seen.error is None or seen.error.code not in OFFERED_FOR or seen.file != one.name:
        return
    is_format = one.name.lower().endswith(own_formats.SUFFIX)
    if is_format or not own_formats.may_describe(page.who.role) or under_way() is not None:
        return
    label = page.words("pages.describe.begin")
    if st.button(label, key=f"describe_{one.id}", type="primary", icon=":material/edit_note:"):
        try:
            with st.spinner(page.words("pages.describe.reading")):
                described = look(page.store, one.path)
        except ShopdataError as fault:
            st.error(escape(sentence(fault, page.words)))
            return
        keep(Describing(one.id, described, propose(described)))
        st.rerun()


def under_way() -> Describing | None:
    """What this session is describing, while its upload still waits."""
    found: Describing | None = st.session_state.get(UNDER_WAY)
    return found if found and found.upload in {one.id for one in WAITING.held()} else None


def keep(found: Describing | None) -> None:
    """Remember where the description stands; a changed draft has no trial yet."""
    st.session_state[UNDER_WAY] = found


def panel(page: Page, one: Waiting) -> None:
    """The whole description of an upload, in the order of its steps."""
    found = under_way()
    if found is None or found.upload != one.id:
        return
    words = page.words
    with st.container(key="describe", gap="small"):
        st.markdown(escape(words("pages.describe.intro")))
        _rows_of(page, found)
        describe_columns.columns(page, found.described, found.draft, _changed)
        describe_columns.words_of(page, found.described, found.draft, _changed)
        _more(page, found)
        if missing := found.draft.missing:
            names = [" / ".join(import_words.field_name(words, name) for name in group) for group in missing]
            st.warning(escape(words("pages.describe.missing", fields="; ".join(names))))
        with st.container(horizontal=True, key="describe_do"):
            label, icon = words("pages.describe.try"), ":material/visibility:"
            if st.button(label, key="describe_try", icon=icon, type="primary", disabled=bool(missing)):
                _try(page, one, found)
            if st.button(words("pages.describe.cancel"), key="describe_cancel", type="tertiary"):
                keep(None)
                st.rerun()
        if found.trial is not None:
            _trial(page, one, found, found.trial)


def _changed(draft: Draft) -> None:
    """Take a changed draft over; what was tried before no longer holds."""
    if (found := under_way()) is not None:
        keep(replace(found, draft=draft, trial=None))


def _rows_of(page: Page, found: Describing) -> None:
    words, key = page.words, "describe_kind"
    st.session_state[key] = found.draft.kind

    def chosen() -> None:
        proposed = propose(found.described, st.session_state[key])
        held = found.draft
        kept = replace(proposed, platform=held.platform, currency=held.currency, zone=held.zone)
        _changed(kept)

    st.selectbox(
        words("pages.describe.kind"),
        list(templates()),
        key=key,
        format_func=lambda kind: words(f"pages.describe.kinds.{kind}"),
        on_change=chosen,
        width=360,
    )


def _more(page: Page, found: Describing) -> None:
    """What no cell tells: platform, currency and zone of the shop, how provinces and amounts are written."""
    words, draft = page.words, found.draft
    currencies = ["", *shop_settings.CURRENCIES]
    zones = ["", *shop_settings.zones()]
    choices: dict[str, tuple[list[str], Callable[[str], str]]] = {
        "platform": (list(PLATFORMS), lambda value: words(f"ui.platforms.{value}")),
        "currency": (currencies, lambda value: value or words("pages.describe.as_shop")),
        "zone": (zones, lambda value: value or words("pages.describe.as_shop")),
        "places": ([CHINA, OWN_PLACES], lambda value: words(f"pages.describe.where.{value}")),
        "decimal": (list(MARK_NAMES), lambda value: words(f"pages.describe.marks.{MARK_NAMES[value]}")),
    }
    with st.container(horizontal=True, key="describe_more"):
        for name, (options, shown) in choices.items():
            key = f"describe_{name}"
            st.session_state[key] = getattr(draft, name)
            label, change = words(f"pages.describe.{name}"), partial(_set, draft, name, key)
            st.selectbox(label, options, key=key, format_func=shown, on_change=change, width=200)


def _set(draft: Draft, name: str, key: str) -> None:
    _changed(with_setting(draft, name, st.session_state[key]))


def _try(page: Page, one: Waiting, found: Describing) -> None:
    try:
        with st.spinner(page.words("pages.describe.reading")):
            trial = tried(page.store, one.path, one.name, found.draft, found.described)
    except ShopdataError as fault:
        st.error(escape(sentence(fault, page.words)))
        return
    keep(replace(found, trial=trial))
    st.rerun()


def _trial(page: Page, one: Waiting, found: Describing, trial: Preview) -> None:
    """What the file gives when it is read so, then its name and the yes."""
    words = page.words
    if trial.error is not None:
        st.error(escape(import_words.refusal(words, trial.error)))
        return
    counts = {"rows": trial.rows, "accepted": trial.accepted, "rejected": trial.rejected}
    said = words("pages.describe.tried", **{name: f"{count:,}" for name, count in counts.items()})
    (st.success if not trial.rejected else st.warning)(escape(said))
    for notice in trial.warnings:
        st.caption(f":material/warning: {escape(import_words.notice(words, notice))}")
    if trial.rejects:
        tables.table(import_words.reject_grid(words, trial.rejects[:SHOWN]), words, "describe_rejects")
    tables.table(import_words.typed_grid(words, trial.first_rows[:SHOWN]), words, "describe_rows", height=280)
    _save(page, one, found)


def _save(page: Page, one: Waiting, found: Describing) -> None:
    words = page.words
    with st.container(horizontal=True, vertical_alignment="bottom", key="describe_save"):
        proposed = proposed_name(one.name)
        label = words("pages.describe.name")
        name = st.text_input(label, proposed, key="describe_name", max_chars=40, width=260)
        shop = st.text_input(words("pages.describe.shop"), key="describe_shop", max_chars=60, width=260)
        label = words("pages.describe.save")
        pressed = st.button(label, key="describe_go", type="primary", icon=":material/check:")
    if pressed:
        scope = page.asker
        try:
            own_formats.save(page.store, scope, plain(name or ""), toml_of(found.draft, found.described))
            WAITING.release(state.opened(), [one.id], page.who.user, (shop or "").strip() or None)
        except ShopdataError as fault:
            st.error(escape(sentence(fault, words)))
            return
        keep(None)
        WAITING.look_at_refused(state.opened())
        st.rerun()


def proposed_name(file_name: str) -> str:
    """A name for the format: that of the file, where it can be one."""
    try:
        return own_formats.slug(PurePosixPath(file_name).stem[:40])
    except BadUsage:
        return ""
