"""``formats``: what can be read; ``formats check FILE``: what a file is and why. See ``describing``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from shopdata.commands import describing, documents, printing
from shopdata.commands.context import Context, Options
from shopdata.imports.own_formats import catalogue
from shopdata.imports.results import Preview, error_sentence, finding_json
from shopdata.imports.run import inspect

SHOWN_REJECTS = 20


def run(context: Context, options: Options) -> int:
    """List the formats, look at one file, or do what ``describing`` does with formats of one's own."""
    if options.action is not None:
        return ACTIONS[options.action](context, options)
    if context.as_json:
        context.document(documents.formats_document(context.settings, context.words))
        return 0
    known = catalogue(context.settings)
    for fault in known.broken:
        context.tell(error_sentence(context.words, fault.code, fault.details))
    for key, one in known.formats.items():
        kind = context.words.get(f"ui.kinds.{one.kind}", one.kind)
        platform = context.words.get(f"ui.platforms.{one.platform}", one.platform)
        context.show(f"{key}  ({platform}, {kind})")
        for name, field in one.fields.items():
            if field.stored:
                context.show(f"    {name}: {' / '.join(field.headers)}")
    return 0


def as_json(context: Context, preview: Preview) -> dict[str, Any]:
    """What a file is, as a document."""
    kept = ("file", "format", "platform", "kind", "shop", "rows", "accepted", "rejected", "duplicate")
    found = asdict(preview)
    document: dict[str, Any] = {name: found[name] for name in kept}
    for name in ("first_at", "last_at", "as_of", "exported_at"):
        document[name] = found[name] and found[name].isoformat()
    document["columns"] = [{"header": header, "field": field} for header, field in preview.columns]
    document["findings"] = [finding_json(context.words, one) for one in preview.findings]
    document["warnings"], document["rejects"] = found["warnings"], found["rejects"]
    error = preview.error
    document["error"] = error and {
        "code": error.code,
        "message": error_sentence(context.words, error.code, error.details),
    }
    return document


def _check(context: Context, options: Options) -> int:
    path = describing.file_of(context, options)
    previews = inspect(context.store, path, file_name=path.name)
    if context.as_json:
        context.document({"files": [as_json(context, one) for one in previews]})
    else:
        for one in previews:
            _show(context, one)
    if all(one.error is not None for one in previews):
        return 2
    return 1 if any(one.error is not None or one.rejected for one in previews) else 0


def _show(context: Context, preview: Preview) -> None:
    words, document = context.words, as_json(context, preview)
    context.show(f"{printing.plain(preview.file)}: {preview.format or document['error']['message']}")
    if preview.error is not None:
        return
    span = f"{printing.moment(preview.first_at, words)} – {printing.moment(preview.last_at, words)}"
    context.show(
        printing.pairs(
            [
                (words("cli.check.rows"), f"{preview.rows:,}"),
                (words("cli.check.rejected"), f"{preview.rejected:,}"),
                (words("cli.check.span"), span),
                (words("cli.check.shop"), preview.shop or words("cli.none")),
            ]
        )
    )
    rows = [[header, field or words("cli.none")] for header, field in preview.columns]
    context.show(printing.table((words("cli.check.header"), words("cli.check.field")), rows, left=2))
    for found in document["findings"]:
        context.show(f"  {printing.plain(found['message'])}")
    for notice in preview.warnings:
        said = notice.as_json(words)["message"]
        context.show(f"  {printing.plain(said)}")
    for reject in preview.rejects[:SHOWN_REJECTS]:
        said = reject.as_json(words)["message"]
        context.show(f"  {printing.plain(said)}")


ACTIONS: Mapping[str, Callable[[Context, Options], int]] = {
    "check": _check,
    "new": describing.new,
    "export": describing.export,
    "import": describing.take_in,
    "delete": describing.delete,
}
