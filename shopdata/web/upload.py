"""Uploads: the body of a request streams to disk, then waits in the queue as an import job.

Two ways in: the raw bytes of one file with its name in ``X-File-Name`` (what the Import page sends), or
``multipart/form-data`` with any number of files (what ``curl -F`` sends). Neither holds a file in memory.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from shopdata.errors import BadUsage, DiskFull, NotFound, Refused, StoreError
from shopdata.imports.archive import Origin
from shopdata.imports.queue import IMPORT, Job, Worker, may_see
from shopdata.imports.reading import one_parser, unlocked
from shopdata.imports.uploads import sha256_of
from shopdata.web import answers, state
from shopdata.web.answers import Document, asker
from shopdata.web.retelling import retold
from shopdata.web.sink import LIMIT, RESERVE, TEXT_FIELDS, Form, Sink
from shopdata.web.waiting import WAITING
from shopdata.words import Words
from shopdata.words.sentences import explained

log = logging.getLogger(__name__)

BUFFER = 1 << 20
WAIT_STEP = 0.1


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    """The body in blocks of about a megabyte, so that a thread is asked seldom."""
    block = bytearray()
    async for piece in request.stream():
        block.extend(piece)
        if len(block) >= BUFFER:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


async def receive_raw(request: Request, sink: Sink) -> dict[str, str]:
    """The bytes of one file into the sink; what else its sender chose."""
    await run_in_threadpool(sink.begin, unquote(request.headers["x-file-name"]))
    async for block in _blocks(request):
        await run_in_threadpool(sink.write, block)
    await run_in_threadpool(sink.end)
    return {name: request.query_params[name] for name in TEXT_FIELDS if name in request.query_params}


async def _receive_form(request: Request, sink: Sink) -> dict[str, str]:
    content_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if content_type != b"multipart/form-data" or not boundary:
        raise BadUsage("upload_empty")
    form = Form(sink)
    try:
        parser = form.parser(boundary)
        async for block in _blocks(request):
            await run_in_threadpool(parser.write, block)
        if not form.is_whole:
            raise BadUsage("upload_broken")
    except FormParserError as fault:
        raise BadUsage("upload_broken") from fault
    return {name: text for name, text in form.texts.items() if text}


def _check_size(request: Request, folder: Path) -> None:
    """Refuse before the first byte what cannot end well."""
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() else 0
    if size > LIMIT:
        raise Refused("too_large", limit=f"{LIMIT >> 30} GB")
    if shutil.disk_usage(folder).free < size + RESERVE:
        raise DiskFull


async def receive(request: Request) -> Response:
    """``POST /api/v1/import``: 202 with the job, or with ``wait=1`` the import document once it is done.

    A multipart request waits unless ``wait=0``; a raw body waits only with ``wait=1``. With ``look=1`` the
    files are only looked at, and wait for a yes on the Import page.
    """
    who, worker, temporary = asker(request), state.worker(), state.opened().settings.temporary
    raw = "x-file-name" in request.headers
    await run_in_threadpool(_check_size, request, temporary)
    sink = Sink(temporary)
    try:
        texts = await (receive_raw if raw else _receive_form)(request, sink)
        if not sink.received:
            raise BadUsage("upload_empty")
        origins = await run_in_threadpool(_unlock, sink, texts.pop("password", ""))
        files = [(one.path, one.name) for one in sink.received]
        if request.query_params.get("look") == "1":
            ids = await run_in_threadpool(WAITING.hold, state.opened(), sink.parted(), who.user)
            return JSONResponse({"waiting": list(ids)}, 202)
        job_id = await run_in_threadpool(
            worker.enqueue,
            files,
            user=who.user,
            role=who.role,
            shop=texts.get("shop"),
            format_key=texts.get("format"),
            folder=sink.folder,
            origins=origins,
        )
    except ClientDisconnect:
        sink.discard()
        return Response(status_code=400)
    except BaseException:
        sink.discard()
        raise
    if request.query_params.get("wait", "0" if raw else "1") != "1":
        return JSONResponse({"job": job_id}, 202, {"Location": f"/api/v1/jobs/{job_id}"})
    return await _finished(worker, request, job_id)


def _unlock(sink: Sink, password: str) -> dict[Path, Origin]:
    """Put the plain form of locked workbooks in their place, so that no password need be remembered; what was
    locked, by its new path. Files the password does not open stay, and are refused as such."""
    origins: dict[Path, Origin] = {}
    for one in sink.received if password else ():
        plain = one.path.with_name(f"plain-{one.path.stem}.xlsx")
        with one_parser(None) as parser:
            try:
                if unlocked(parser, one.path, plain, one.name, (password,)) is None:
                    continue
            except Refused as refusal:
                log.info("a locked upload stays locked: %s", refusal.code)
                continue
        origins[plain] = Origin(sha256_of(one.path), one.path.stat().st_size)
        one.path.unlink()
        one.path = plain
    return origins


async def _finished(worker: Worker, request: Request, job_id: str) -> Response:
    """The import document of a job once it has ended; a problem where it failed as a whole."""
    while (found := await run_in_threadpool(worker.job, job_id)) is not None and found.ended_at is None:
        await asyncio.sleep(WAIT_STEP)
    if found is None:
        raise NotFound(what=job_id)
    if found.error is not None:
        raise StoreError(found.error.code, **found.error.details)
    return Document(retold(found.result or {"files": []}, answers.words_for(request.scope)))


def job(request: Request) -> Response:
    """``GET /api/v1/jobs/{job}``: state, progress, and the result once there is one."""
    who = asker(request)
    found = state.worker().job(request.path_params["job"])
    if found is None or not may_see(found, who.user, who.role):
        raise NotFound(what=request.path_params["job"])
    return Document(_as_json(found, answers.words_for(request.scope)))


def _as_json(found: Job, spoken: Words) -> dict[str, object]:
    error = found.error
    return {
        "id": found.id,
        "kind": found.kind,
        "state": found.state,
        "files": list(found.files),
        "created_at": found.created_at.isoformat(),
        "started_at": found.started_at and found.started_at.isoformat(),
        "ended_at": found.ended_at and found.ended_at.isoformat(),
        "progress": found.progress and asdict(found.progress),
        "result": found.result and (retold(found.result, spoken) if found.kind == IMPORT else found.result),
        "error": error and {"code": error.code, "message": explained(spoken, error.code, error.details)},
    }
