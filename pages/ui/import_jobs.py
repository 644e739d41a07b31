"""Work that waits, runs or is just done: real progress each second, only while there is any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui import import_words, tables
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.errors import ShopdataError
from shopdata.imports import effects
from shopdata.imports.queue import IMPORT, Job
from shopdata.imports.results import RejectLine
from shopdata.web import state
from shopdata.words.sentences import sentence

SHOWN = 3
LISTED = 20
ACTIVE = ("waiting", "running")


def jobs(page: Page) -> None:
    """Running and waiting work of the reader (the owner sees all), then the last results."""
    if state.opened().worker is None:
        return
    found = _seen(page)
    active = [job for job in found if job.state in ACTIVE]
    if active:
        _running(page)
    done = [job for job in found if job.state not in ACTIVE][:SHOWN]
    if done:
        with st.expander(page.words("pages.import.results"), expanded=not active):
            for job in done:
                _result(page, job)


def _seen(page: Page) -> Sequence[Job]:
    return state.worker().seen_by(page.who.user, page.who.role, LISTED)


@st.fragment(run_every=1.0)
def _running(page: Page) -> None:
    active = [job for job in _seen(page) if job.state in ACTIVE]
    if not active:
        st.rerun()
    for job in reversed(active):
        _progress(page, job)


def _name(page: Page, job: Job) -> str:
    """What a job is, in a few words."""
    if job.kind == IMPORT:
        return page.words("pages.import.queued", n=len(job.files))
    return page.words("pages.import.queued_other", what=_what(page, job))


def _what(page: Page, job: Job) -> str:
    return page.words(f"pages.import.job_{job.kind}", name=job.files[0])


def _progress(page: Page, job: Job) -> None:
    words, now = page.words, job.progress
    if now is None:
        with st.container(key=f"queued_{job.id}", horizontal=True, vertical_alignment="center"):
            st.caption(escape(_name(page, job)), width="stretch")
            if job.state == "waiting" and st.button(words("pages.import.cancel"), key=f"cancel_{job.id}"):
                _cancel(page, job)
        return
    share = now.done / now.total if now.total else 0.0
    whole = (now.files_done + share) / max(1, now.files)
    parts = [
        words(f"pages.import.stage.{now.stage}", file=now.file),
        words("pages.import.files_done", done=now.files_done, files=now.files),
        words("pages.import.rows_read", rows=f"{now.rows:,}"),
    ]
    if job.kind != IMPORT:
        parts = [_what(page, job), words("pages.import.files_done", done=now.done, files=now.total)]
    if now.seconds_left is not None:
        parts.append(words("pages.import.drop.left", n=f"{now.seconds_left:.0f}"))
    st.progress(min(1.0, max(0.0, whole)), text=escape(" · ".join(parts)))


def _cancel(page: Page, job: Job) -> None:
    try:
        state.worker().cancel(job.id, page.who.user, page.who.role)
    except ShopdataError as fault:
        st.toast(escape(sentence(fault, page.words)), icon=":material/error:")
    else:
        st.rerun()


def _result(page: Page, job: Job) -> None:
    words, result = page.words, job.result or {}
    if job.error is not None:
        what = ", ".join(job.files[:SHOWN]) if job.kind == IMPORT else _what(page, job)
        text = f"**{escape(what)}**  \n{escape(import_words.refusal(words, job.error))}"
        (st.info if job.state == "cancelled" else st.error)(text)
        return
    for place, file in enumerate(result.get("files", ())):
        _file(page, file, f"{job.id}_{place}")
    if job.kind != IMPORT:
        st.markdown(
            f":material/check_circle: **{escape(_what(page, job))}**  \n{escape(_other(page, result))}"
        )


def _other(page: Page, result: Mapping[str, Any]) -> str:
    """What came of a job that is no import."""
    words = page.words
    if undone := result.get("undone"):
        return words("pages.import.undo_done", n=len(undone["replayed"]))
    if assigned := result.get("assigned"):
        files, rows = len(assigned["files"]), assigned["rows_in_place"]
        return words("pages.import.assign_done", n=files, rows=f"{rows:,}")
    purged = result["purged"]
    counts = {name: len(purged[name]) for name in ("uploads", "backups")}
    search = purged["search"]
    return words(
        "pages.import.purge_done",
        day=purged["before"],
        rows=f"{sum(purged['rows'].values()):,}",
        values=search["values"],
        found=len(search["found"]),
        **counts,
    )


def _file(page: Page, file: Mapping[str, Any], key: str) -> None:
    words = page.words
    icon = {"imported": "check_circle", "duplicate": "content_copy"}.get(file["status"], "error")
    name = f":material/{icon}: **{escape(file['file'])}**"
    if file["status"] == "refused":
        error = file["error"] or {}
        st.markdown(f"{name}  \n{escape(error.get('message', ''))}")
        return
    text = words(f"pages.import.status.{file['status']}")
    if file["status"] == "imported":
        numbers = {field: f"{file[field]:,}" for field in ("rows", "new", "updated", "unchanged", "rejected")}
        text = words("pages.import.counts", seconds=file["seconds"], shop=file["shop"] or "", **numbers)
    said = [escape(line) for line in (text, effects.told(file.get("effect"), words)) if line]
    st.markdown("  \n".join((name, *said)))
    if file["rejects"]:
        lines = [
            RejectLine(one["row"], one["column"], one["code"], one["value"], one["sheet"])
            for one in file["rejects"][:50]
        ]
        tables.table(import_words.reject_grid(words, lines), words, f"result_{key}")
