"""An import document told again in another language: the queue keeps it with Chinese sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shopdata.imports.results import error_sentence, sentence
from shopdata.words import LANGUAGES, Words

Json = dict[str, Any]


def retold(document: Mapping[str, Any], spoken: Words) -> Json:
    """The document with the sentences of rejects, warnings and errors in the language of ``spoken``."""
    if spoken.language == LANGUAGES[0]:
        return dict(document)
    return {**document, "files": [_file(one, spoken) for one in document["files"]]}


def _file(one: Mapping[str, Any], spoken: Words) -> Json:
    told = {
        group: [_entry(entry, group, spoken) for entry in one[group]] for group in ("rejects", "warnings")
    }
    error = one["error"]
    if error is not None:
        details = error.get("details", {})
        error = {**error, "message": error_sentence(spoken, error["code"], details)}
    return {**one, **told, "error": error}


def _entry(entry: Mapping[str, Any], group: str, spoken: Words) -> Json:
    details = {name: value for name, value in entry.items() if name not in {"code", "message"}}
    return {**entry, "message": sentence(spoken, group, entry["code"], **details)}
