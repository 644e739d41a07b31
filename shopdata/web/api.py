"""The routes beside the pages: health, the documents of the command line as JSON, uploads, downloads.

A route turns a request into the same call the command line makes; what a figure means is decided elsewhere.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shopdata import __version__
from shopdata.commands import documents
from shopdata.commands.asked import Asked
from shopdata.commands.questions import Asker
from shopdata.errors import ShopdataError
from shopdata.web import answers, attaching, exports, openapi, state, upload
from shopdata.web.answers import Document, asker


def health(request: Request) -> Response:
    """Whether the store is open: 200 or 503."""
    opened = state.opened()
    return JSONResponse({"status": "ok", "version": __version__, "store_version": opened.store.version})


def session(request: Request) -> Response:
    """Who the browser is signed in as; its watcher asks when the connection breaks."""
    who = asker(request)
    return JSONResponse({"user": who.user, "role": who.role})


def document(request: Request) -> Response:
    """The document of the command the path names (``/api/v1/metrics``, ``/api/v1/series/paid_amount`` …)."""
    who, opened = asker(request), state.opened()
    name = request.url.path.split("/")[3]
    texts = {key: request.query_params.getlist(key) for key in request.query_params if key != "lang"}
    texts |= {key: [value] for key, value in request.path_params.items()}
    asked = Asked(opened.store, opened.settings, answers.words_for(request.scope), Asker(who.user, who.role))
    return Document(documents.answer(asked, name, texts))


def no_such_path(request: Request) -> Response:
    """A problem document instead of the page shell for an address under ``/api/`` that does not exist."""
    return answers.problem(request.scope, "no_such_path", 404, {})


def routes() -> list[Route]:
    """Every route of our own. Streamlit's come after these."""
    return [
        Route("/healthz", health),
        Route("/api/v1/session", session),
        Route("/api/v1/openapi.json", openapi.document),
        Route("/api/v1/import", upload.receive, methods=["POST"]),
        Route("/api/v1/evidence", attaching.receive, methods=["POST"]),
        Route("/api/v1/jobs/{job}", upload.job),
        *(Route(f"/api/v1/{name}", document) for name in documents.ANSWERS),
        Route("/api/v1/series/{metric}", document),
        Route("/api/{rest:path}", no_such_path, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        Route("/export/{token}", exports.fetch),
    ]


HANDLERS = {ShopdataError: answers.of_error, Exception: answers.of_fault}
