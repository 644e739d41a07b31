"""Imports at work and those just done: real progress each second, only while there is any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui import import_words, tables
from pages.ui.session import Page
from pages.ui.text import escape
from shopdata.imports.queue import Job
from shopdata.imports.results import RejectLine
from shopdata.web import state

SHOWN = 3
SEEN = "import_jobs_active"


def jobs(page: Page) -> None:
    """Running and waiting imports, then the last results."""
    opened = state.opened()
    if opened.worker is None:
        return
    found = opened.worker.jobs(20)
    active = [job for job in found if job.state in ("waiting", "running")]
    st.session_state[SEEN] = bool(active)
    if active:
        _running(page)
    done = [job for job in found if job.state in ("done", "failed")][:SHOWN]
    if done:
        with st.expander(page.words("pages.import.results"), expanded=not active):
            for job in done:
                _result(page, job)


@st.fragment(run_every=1.0)
def _running(page: Page) -> None:
    worker = state.worker()
    active = [job for job in worker.jobs(20) if job.state in ("waiting", "running")]
    if not active:
        st.rerun()
    for job in reversed(active):
        _progress(page, job)


def _progress(page: Page, job: Job) -> None:
    words, now = page.words, job.progress
    if now is None:
        st.caption(words("pages.import.queued", n=len(job.files)))
        return
    share = now.done / now.total if now.total else 0.0
    whole = (now.files_done + share) / max(1, now.files)
    parts = [
        words(f"pages.import.stage.{now.stage}", file=now.file),
        words("pages.import.files_done", done=now.files_done, files=now.files),
        words("pages.import.rows_read", rows=f"{now.rows:,}"),
    ]
    if now.seconds_left is not None:
        parts.append(words("pages.import.drop.left", n=f"{now.seconds_left:.0f}"))
    st.progress(min(1.0, max(0.0, whole)), text=escape(" · ".join(parts)))


def _result(page: Page, job: Job) -> None:
    words = page.words
    if job.error is not None:
        st.error(escape(import_words.refusal(words, job.error)))
        return
    for place, file in enumerate((job.result or {}).get("files", ())):
        _file(page, file, f"{job.id}_{place}")


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
    st.markdown(f"{name}  \n{escape(text)}")
    if file["rejects"]:
        lines = [
            RejectLine(one["row"], one["column"], one["code"], one["value"], one["sheet"])
            for one in file["rejects"][:50]
        ]
        tables.table(import_words.reject_grid(words, lines), words, f"result_{key}")
