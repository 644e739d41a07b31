"""Answers that are not figures: ``application/problem+json`` or a plain page, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from shopdata.errors import NotAllowed, ShopdataError
from shopdata.web import identity
from shopdata.web.door import Refusal
from shopdata.web.identity import Identity
from shopdata.words import Words, words
from shopdata.words.sentences import explained, language_of

LANGUAGE_COOKIE = "shopdata_language"
API_PATHS = ("/api/", "/healthz", "/_stcore/")
STATUS = {
    "bad_usage": 400,
    "not_allowed": 403,
    "not_found": 404,
    "no_such_path": 404,
    "too_large": 413,
    "evidence_too_large": 413,
    "metric_unavailable": 409,
    "disk_full": 507,
    "store_locked": 503,
    "not_open": 503,
}
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto; padding: 0 1.2rem;
  color-scheme: light dark; }}
h1 {{ font-size: 1.25rem; }}
pre {{ padding: .8rem; overflow-x: auto; border: 1px solid; border-radius: .4rem; }}
</style></head><body><h1>{title}</h1>{body}</body></html>
"""


class Document(Response):
    """JSON as the contract prints it: Chinese as itself, no number that JSON does not have."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The document as UTF-8."""
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()


def asker(request: Request) -> Identity:
    """Who asks, by the guard. Without its mark nobody is anybody."""
    who = identity.of_headers(request.headers)
    if who is None:
        raise NotAllowed
    return who


def status_of(fault: ShopdataError) -> int:
    """The HTTP status an error answers with."""
    return STATUS.get(fault.code, 500 if fault.exit_status == 3 else 422)


def words_for(scope: Scope) -> Words:
    """The words of whoever sent a request: ``lang`` in its query, else the language chosen on the pages, else
    its Accept-Language, else Chinese."""
    headers = Headers(scope=scope)
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    chosen = cookie_parser(headers.get("cookie", "")).get(LANGUAGE_COOKIE)
    wished = next(iter(query.get("lang", ())), chosen)
    return words(language_of(headers.get("accept-language"), wished))


def problem(scope: Scope, code: str, status: int, details: Mapping[str, object]) -> Response:
    """A problem document (RFC 9457) whose ``detail`` is a sentence in the reader's language."""
    spoken = words_for(scope)
    body = {
        "type": "about:blank",
        "title": spoken(f"web.status.{status}"),
        "status": status,
        "code": code,
        "detail": explained(spoken, code, details),
    }
    return Response(json.dumps(body, ensure_ascii=False), status, media_type="application/problem+json")


def page(scope: Scope, key: str, status: int, **values: object) -> Response:
    """A plain page without scripts: a title and paragraphs of ``web.<key>``."""
    spoken = words_for(scope)
    paragraphs = "".join(
        f"<pre>{escape(text[1:].strip())}</pre>" if text.startswith("$") else f"<p>{escape(text)}</p>"
        for text in spoken(f"web.{key}.body", **values).strip().splitlines()
        if text
    )
    title = escape(spoken(f"web.{key}.title"))
    return HTMLResponse(PAGE.format(language=spoken.language, title=title, body=paragraphs), status)


def refusal(refused: Refusal, scope: Scope) -> Response:
    """What somebody reads whom the door does not let in."""
    if scope["path"].startswith(API_PATHS):
        return problem(scope, refused.code, refused.status, {})
    return page(scope, f"refusal.{refused.code}", refused.status)


def setup_page(scope: Scope) -> Response:
    """The page behind the one-time set-up link."""
    host = Headers(scope=scope).get("host", "").rpartition(":")[0] or "server"
    return page(scope, "setup", 200, host=host)


def of_error(request: Request, fault: Exception) -> Response:
    """The problem document of an error the product knows; registered as Starlette's exception handler."""
    if not isinstance(fault, ShopdataError):
        return problem(request.scope, "fault", 500, {})
    return problem(request.scope, fault.code, status_of(fault), fault.details)


def of_fault(request: Request, fault: Exception) -> Response:
    """The answer to anything unforeseen: a sentence for the person; the server logs the details."""
    return problem(request.scope, "fault", 500, {})


def error_page(scope: Scope, fault: ShopdataError) -> Response:
    """An error as a plain page, for links that a person follows in a tab."""
    spoken = words_for(scope)
    title = escape(explained(spoken, fault.code, fault.details))
    return HTMLResponse(PAGE.format(language=spoken.language, title=title, body=""), status_of(fault))
