"""The routes beside the pages: health, the documents of the command line as JSON, uploads, downloads.

A route turns a request into the same call the command line makes; what a figure means is decided elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shopdata import __version__
from shopdata.commands import documents
from shopdata.errors import BadUsage, NotAllowed, ShopdataError
from shopdata.web import answers, exports, identity, openapi, state, upload
from shopdata.web.identity import Identity


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


def _query(request: Request) -> Mapping[str, str]:
    """Query parameters, each at most once."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    query = dict(pairs)
    if len(query) != len(pairs):
        raise BadUsage("parameter_repeated")
    return query


def health(request: Request) -> Response:
    """Whether the store is open: 200 or 503."""
    opened = state.opened()
    return JSONResponse({"status": "ok", "version": __version__, "store_version": opened.store.version})


def session(request: Request) -> Response:
    """Who the browser is signed in as; its watcher asks when the connection breaks."""
    who = asker(request)
    return JSONResponse({"user": who.user, "role": who.role})


def document(request: Request) -> Response:
    """The document of the command the path names (``/api/v1/metrics`` and so on)."""
    who, opened = asker(request), state.opened()
    name = request.url.path.rsplit("/", 1)[-1]
    question = documents.question(name, _query(request))
    asked = documents.Asked(
        opened.store, opened.settings, answers.words_for(request.scope), who.user, who.role
    )
    return Document(documents.answer(asked, question))


def series(request: Request) -> Response:
    """One metric over time; the key may stand in the path or in the query."""
    who, opened = asker(request), state.opened()
    query = {**_query(request), **request.path_params}
    asked = documents.Asked(
        opened.store, opened.settings, answers.words_for(request.scope), who.user, who.role
    )
    return Document(documents.answer(asked, documents.question("series", query)))


def no_such_path(request: Request) -> Response:
    """A problem document instead of the page shell for an address under ``/api/`` that does not exist."""
    return answers.problem(request.scope, "no_such_path", 404, {})


def routes() -> list[Route]:
    """Every route of our own. Streamlit's come after these."""
    named = ("status", "metrics", "funnel", "sources", "orders", "formats")
    return [
        Route("/healthz", health),
        Route("/api/v1/session", session),
        Route("/api/v1/openapi.json", openapi.document),
        Route("/api/v1/import", upload.receive, methods=["POST"]),
        Route("/api/v1/jobs/{job}", upload.job),
        *(Route(f"/api/v1/{name}", document) for name in named),
        Route("/api/v1/series", series),
        Route("/api/v1/series/{metric}", series),
        Route("/api/{rest:path}", no_such_path, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        Route("/export/{token}", exports.fetch),
    ]


HANDLERS = {ShopdataError: answers.of_error, Exception: answers.of_fault}
