"""Evidence of a case: the checklist, what is attached, the way in for files, and the pack to fetch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from pages.ui import components, download
from pages.ui.case_actions import attempt
from pages.ui.case_claim import claim_form
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.abnormal.cases import Case
from shopdata.abnormal.checklists import CHECKLISTS, PIECES, dispute_of
from shopdata.abnormal.claims import claim_of
from shopdata.abnormal.evidence import Evidence, attached, fetch, may_fetch, remove, set_item
from shopdata.abnormal.evidence_kinds import clean_name, name_out
from shopdata.abnormal.pack import pack, pack_name
from shopdata.abnormal.working import may_work
from shopdata.orders.privacy import row_rights
from shopdata.scope import Scope
from shopdata.words import Words

URL = "/api/v1/evidence"
ICONS = {"mp4": ":material/movie:", "pdf": ":material/picture_as_pdf:", "text": ":material/chat:"}
PICTURE = ":material/image:"


def evidence(page: Page, case: Case, scope: Scope) -> None:
    """The panel of the case page; nothing for who may not work cases."""
    if not may_work(page.who.role):
        return
    words = page.words
    files = attached(page.store, scope, case.key)
    claim = claim_of(page.store, scope, case.key)
    rules = [flag.rule for flag in case.hits] + [hit.rule for hit in case.gone]
    dispute = dispute_of(claim.kind if claim else None, rules)
    with st.container(key="case_evidence", border=True):
        st.markdown(f"**{escape(words('pages.case.evidence.title'))}**")
        _checklist(words, dispute, files)
        for number, one in enumerate(files, 1):
            _file(page, scope, case, one, number)
        _drop_zone(page, case)
        if case.key.kind == "order":
            claim_form(page, scope, case, claim)
        _pack(page, scope, case)


def _checklist(words: Words, dispute: str, files: Sequence[Evidence]) -> None:
    """Which pieces the dispute asks for, and which are there."""
    pieces = CHECKLISTS[dispute]
    held = {one.item for one in files}
    there = sum(piece in held for piece in pieces)
    name = words(f"abnormal.disputes.{dispute}")
    st.caption(escape(words("pages.case.evidence.checklist", dispute=name, n=there, of=len(pieces))))
    lines = []
    for piece in pieces:
        sign = ":green[:material/check_circle:]" if piece in held else ":material/radio_button_unchecked:"
        lines.append(f"{sign} {escape(words(f'abnormal.pieces.{piece}'))}")
    st.markdown("  \n".join(lines))


def _file(page: Page, scope: Scope, case: Case, one: Evidence, number: int) -> None:
    words = page.words
    with st.container(key=f"evidence_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
        about = [_size(one.size), f"{one.added_at:%m-%d %H:%M}", page.name_of(one.added_by or "")]
        name = escape(f"{number:02d} {one.file_name or one.kind}")
        told = escape(" · ".join([*about, *([one.note] if one.note else [])]))
        st.markdown(f"{ICONS.get(one.kind, PICTURE)} **{name}**  \n{told}", width="stretch")
        _piece(page, scope, case, one)
        if may_fetch(scope, one):
            make = partial(_fetched, page, scope, case, one)
            file_name = name_out(clean_name(one.file_name or ""), one.kind, number)
            download.link(page, words("pages.case.evidence.fetch"), make, file_name)
        said = words("pages.case.evidence.removed")
        if st.button(words("pages.case.evidence.remove"), key=f"unattach_{one.id}", type="tertiary"):
            attempt(page, partial(remove, page.store, scope, case.key, one.id), said)


def _piece(page: Page, scope: Scope, case: Case, one: Evidence) -> None:
    """The piece of the checklist a file is."""
    words, key = page.words, f"piece_{one.id}"
    names = {"": words("pages.case.evidence.no_piece")}
    names |= {piece: words(f"abnormal.pieces.{piece}") for piece in PIECES}
    chosen = st.selectbox(
        words("pages.case.evidence.piece"),
        list(names),
        index=list(names).index(one.item or ""),
        format_func=lambda piece: names[piece],
        key=key,
        label_visibility="collapsed",
        width=240,
    )
    if (chosen or None) != one.item:
        change = partial(set_item, page.store, scope, case.key, one.id, chosen or None)
        attempt(page, change, words("pages.case.evidence.assigned"))


def _fetched(page: Page, scope: Scope, case: Case, one: Evidence, path: Path) -> None:
    fetch(page.store, scope, case.key, one.id, path)


def _size(size: int) -> str:
    return f"{-(-size // 1024):,} KB" if size < 1 << 20 else f"{size / (1 << 20):,.1f} MB"


def _drop_zone(page: Page, case: Case) -> None:
    """The place to drop files; bytes go straight to the server's own route."""
    words = page.words
    strip = st.checkbox(words("pages.case.evidence.strip"), value=True, key="evidence_strip")
    asked = {"shop": case.key.shop_id, "kind": case.key.kind, "subject": case.key.subject}
    data = {
        "url": f"{URL}?{urlencode(asked | {'strip': int(strip)})}",
        "labels": {
            "say": words("pages.case.evidence.say"),
            "hint": words("pages.case.evidence.hint"),
            "files": words("pages.import.drop.files"),
            "folder": "",
        },
        "words": {name: words(f"pages.import.drop.{name}") for name in ("left", "failed")}
        | {"arrived": words("pages.case.evidence.attached")},
    }
    mounted = components.mount("upload", f"upload_{case.key.subject}", data, on_done_change=lambda: None)
    if mounted is None:
        st.info(words("pages.import.drop.plain"))


def _pack(page: Page, scope: Scope, case: Case) -> None:
    """Everything as one ZIP, buyers as they are only where that is asked for."""
    words, reveal = page.words, False
    with st.container(key="case_pack", horizontal=True, vertical_alignment="center", gap="small"):
        if row_rights(page.who.role).buyers:
            reveal = st.checkbox(words("pages.case.evidence.reveal"), key="evidence_reveal")
        make = partial(_packed, page, scope, case, reveal)
        name = pack_name(case.key, page.now, words)
        download.link(page, words("pages.case.evidence.pack"), make, name)


def _packed(page: Page, scope: Scope, case: Case, reveal: bool, path: Path) -> None:
    pack(page.store, scope, case.key, path, language=page.words.language, reveal=reveal)
