"""``/api/v1/openapi.json``: the API described from the same tables that answer it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from shopdata import __version__
from shopdata.analysis.forecast import MOST_STEPS
from shopdata.commands import documents, questions
from shopdata.commands.analyses import ANALYSES
from shopdata.metrics.catalogue import KEYS
from shopdata.metrics.dimensions import DIMENSIONS
from shopdata.orders.filters import SOURCES, STATUSES, TIME_KINDS
from shopdata.orders.query import SORTS
from shopdata.web.answers import Document, words_for
from shopdata.words import LANGUAGES, Words

Json = dict[str, object]
CHOICES: dict[str, tuple[str, ...]] = {
    "basis": questions.BASES,
    "platform": questions.PLATFORMS,
    "source": SOURCES,
    "sources": SOURCES,
    "statuses": STATUSES,
    "time": TIME_KINDS,
    "sort": SORTS,
    "lang": LANGUAGES,
}
DAYS = ("from", "to")
EVIDENCE_OF = ("shop", "kind", "subject")
PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}


def _schema(document: str, name: str) -> Json:
    if name in DAYS:
        return {"type": "string", "format": "date"}
    if choices := document in ANALYSES and (ANALYSES[document].flags or {}).get(name):
        return {"type": "string", "enum": list(choices)}
    if name == "by" and document not in ANALYSES:
        return {"type": "string", "enum": [*(DIMENSIONS if document == "metrics" else questions.STEPS)]}
    if name == "forecast":
        return {"type": "integer", "minimum": 1, "maximum": MOST_STEPS}
    if name == "metric":
        return {"type": "string", "enum": list(KEYS)}
    if name in CHOICES:
        return {"type": "string", "enum": list(CHOICES[name])}
    return {"type": "string"}


def _parameter(document: str, name: str, spoken: Words) -> Json:
    return {
        "name": name,
        "in": "query",
        "required": name == "metric",
        "description": spoken.get(f"cli.flags.{name}", name),
        "schema": _schema(document, name),
    }


def _answers(description: str, media_type: str = "application/json") -> Json:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
    return {
        "200": {"description": description, "content": {media_type: {"schema": {"type": "object"}}}},
        "default": {"description": "problem", "content": problem},
    }


def _get(document: str, spoken: Words) -> Json:
    text = spoken(f"cli.command.{document}")
    names = (*documents.PARAMETERS[document], "lang")
    parameters = [_parameter(document, name, spoken) for name in names]
    return {"get": {"summary": text, "parameters": parameters, "responses": _answers(text)}}


def _import(spoken: Words) -> Json:
    text = spoken("cli.command.import")
    fields: dict[str, dict[str, str]] = {name: {"type": "string"} for name in ("shop", "format")}
    fields["password"] = {"type": "string", "format": "password"}
    files = {"type": "array", "items": {"type": "string", "format": "binary"}}
    form: Json = {"type": "object", "properties": {"file": files, **fields}}
    wait: Json = {"name": "wait", "in": "query", "schema": {"type": "string", "enum": ["0", "1"]}}
    look: Json = {"name": "look", "in": "query", "schema": {"type": "string", "enum": ["1"]}}
    name: Json = {"name": "X-File-Name", "in": "header", "schema": {"type": "string"}}
    body: Json = {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": form},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
    queued = {"description": "job", "content": {"application/json": {"schema": {"type": "object"}}}}
    responses = {**_answers(text), "202": queued}
    return {
        "post": {
            "summary": text,
            "parameters": [wait, look, name],
            "requestBody": body,
            "responses": responses,
        }
    }


def _evidence() -> Json:
    text = {"type": "string"}
    asked = [{"name": name, "in": "query", "required": True, "schema": text} for name in EVIDENCE_OF]
    strip: Json = {"name": "strip", "in": "query", "schema": {"type": "string", "enum": ["0", "1"]}}
    name: Json = {"name": "X-File-Name", "in": "header", "required": True, "schema": text}
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    made = {"description": "evidence", "content": {"application/json": {"schema": {"type": "object"}}}}
    responses = {**_answers("evidence"), "201": made}
    body: Json = {"required": True, "content": content}
    return {"post": {"parameters": [*asked, strip, name], "requestBody": body, "responses": responses}}


def describe(spoken: Words) -> Json:
    """The OpenAPI 3.1 document, its texts in the language of ``spoken``."""
    paths: Json = {f"/api/v1/{name}": _get(name, spoken) for name in documents.ANSWERS}
    paths["/api/v1/import"] = _import(spoken)
    paths["/api/v1/evidence"] = _evidence()
    job: Json = {"name": "job", "in": "path", "required": True, "schema": {"type": "string"}}
    paths["/api/v1/jobs/{job}"] = {"get": {"parameters": [job], "responses": _answers("job")}}
    paths["/api/v1/session"] = {"get": {"responses": _answers("session")}}
    paths["/healthz"] = {"get": {"responses": _answers("health")}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "shopdata", "version": __version__, "description": spoken("cli.description")},
        "paths": paths,
        "components": {"schemas": {"problem": PROBLEM}},
    }


def document(request: Request) -> Response:
    """``GET /api/v1/openapi.json``."""
    return Document(describe(words_for(request.scope)))
