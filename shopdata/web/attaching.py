"""Evidence comes in: the bytes of one file, streamed to disk, then attached to the case its address names."""

from __future__ import annotations

import shutil

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from shopdata.abnormal.evidence import attach
from shopdata.abnormal.evidence_kinds import LARGEST, MEGABYTE
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import may_work
from shopdata.errors import BadUsage, DiskFull, NotAllowed, Refused
from shopdata.scope import Scope
from shopdata.web import state
from shopdata.web.answers import asker
from shopdata.web.sink import RESERVE, Sink
from shopdata.web.upload import receive_raw


async def receive(request: Request) -> Response:
    """``POST /api/v1/evidence?shop=1&kind=order&subject=…``: 201 with the file's number.

    The name is in ``X-File-Name``, percent-encoded. ``strip=1``: pictures lose place, camera and comments.
    """
    who, opened = asker(request), state.opened()
    if not may_work(who.role):
        raise NotAllowed(role=who.role)
    key, strip = _key(request), request.query_params.get("strip") == "1"
    await run_in_threadpool(_check_size, request)
    sink = Sink(opened.settings.temporary, limit=LARGEST)
    try:
        await receive_raw(request, sink)
        (one,) = sink.received
        scope = Scope(user=who.user, role=who.role)
        number = await run_in_threadpool(
            attach, opened.store, scope, key, one.name, one.path, strip_exif=strip
        )
    except ClientDisconnect:
        return Response(status_code=400)
    except Refused as refusal:
        raise _too_large() if refusal.code == "too_large" else refusal from None
    finally:
        sink.discard()
    return JSONResponse({"evidence": number}, 201)


def _key(request: Request) -> CaseKey:
    asked = request.query_params
    shop, kind, subject = (asked.get(name, "") for name in ("shop", "kind", "subject"))
    if not (shop.isascii() and shop.isdecimal() and len(shop) < 10 and kind and subject):
        raise BadUsage("upload_no_case")
    if "x-file-name" not in request.headers:
        raise BadUsage("upload_empty")
    return CaseKey(int(shop), kind, subject)


def _check_size(request: Request) -> None:
    """Refuse before the first byte what cannot end well."""
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() else 0
    if size > LARGEST:
        raise _too_large()
    if shutil.disk_usage(state.opened().settings.temporary).free < 2 * size + RESERVE:
        raise DiskFull


def _too_large() -> Refused:
    return Refused("evidence_too_large", limit=LARGEST // MEGABYTE)
