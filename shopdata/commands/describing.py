"""``formats new``: describe a file nobody knows by settings, see how it is then read, keep the format.

``formats export``, ``import`` and ``delete`` carry formats of one's own about. A conversation on a terminal
is the same command again and again: see ``asking``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shopdata.commands import printing
from shopdata.commands.context import Context, Options
from shopdata.commands.questions import LOCAL
from shopdata.errors import BadUsage
from shopdata.imports import own_formats
from shopdata.imports.results import Preview, error_sentence
from shopdata.imports.wizard.draft import SETTINGS, Draft, changed, propose
from shopdata.imports.wizard.text import toml_of
from shopdata.imports.wizard.trial import look, tried
from shopdata.ingest.client import Parser
from shopdata.ingest.results import Described
from shopdata.scope import Scope

KIND = "kind="
SAMPLES = 3
LISTED = 20


def new(context: Context, options: Options) -> int:
    """Propose a description of a file, change it by ``--set``, show what it gives; ``--save`` keeps it."""
    path = file_of(context, options)
    with Parser() as parser:
        described = look(context.store, path, parser)
        draft = _draft(described, options.set)
        trial = None if draft.missing else tried(context.store, path, path.name, draft, described, parser)
    if options.save and draft.missing:
        raise BadUsage("format_incomplete", fields="; ".join(" / ".join(one) for one in draft.missing))
    text = toml_of(draft, described)
    key = own_formats.save(context.store, _scope(), options.name or path.stem, text) if options.save else None
    document = _document(context, path, draft, described, trial)
    if context.as_json:
        context.document(document | {"toml": text, "saved": key})
    else:
        _show(context, document, key)
    return 2 if trial is not None and trial.error else 1 if trial is not None and trial.rejected else 0


def export(context: Context, options: Options) -> int:
    """The TOML of a format, on standard output or in a file."""
    text = own_formats.exported(context.settings, options.file or "")
    if options.out:
        target = context.path(options.out)
        if target.exists():
            raise BadUsage("path_exists", path=options.out)
        if not target.parent.is_dir():
            raise BadUsage("path_unwritable", path=options.out)
        target.write_text(text, encoding="utf-8")
    if context.as_json:
        context.document({"key": options.file, "toml": text})
    elif not options.out:
        context.show(text.rstrip("\n"))
    return 0


def take_in(context: Context, options: Options) -> int:
    """Keep a format file from elsewhere."""
    path = file_of(context, options)
    return _done(context, "saved", own_formats.taken_in(context.store, _scope(), path, path.name))


def delete(context: Context, options: Options) -> int:
    """Remove a format of one's own."""
    own_formats.delete(context.store, _scope(), options.file or "")
    return _done(context, "deleted", options.file or "")


def file_of(context: Context, options: Options) -> Path:
    """The file a command is about. Raises ``BadUsage`` where none is named or there is none."""
    if options.file is None:
        raise BadUsage(detail=context.words("cli.usage_error.required", names="FILE"))
    path = context.path(options.file)
    if not path.exists():
        raise BadUsage("path_not_found", path=options.file)
    return path


def _done(context: Context, what: str, key: str) -> int:
    if context.as_json:
        context.document({what: key})
    else:
        context.show(context.words(f"cli.describe.{what}", name=key))
    return 0


def _scope() -> Scope:
    return Scope(user=LOCAL.user, role=LOCAL.role)


def _draft(described: Described, settings: Sequence[str]) -> Draft:
    kinds = [one.removeprefix(KIND) for one in settings if one.startswith(KIND)]
    draft = propose(described, kinds[-1] if kinds else None)
    for setting in settings:
        if not setting.startswith(KIND):
            draft = changed(draft, described, setting)
    return draft


def _document(
    context: Context, path: Path, draft: Draft, described: Described, trial: Preview | None
) -> dict[str, Any]:
    fields = {header: name.lstrip("_") for name, header in draft.columns.items()}
    counts = {column.header: dict(column.values) for column in described.columns}
    return {
        "file": path.name,
        "kind": draft.kind,
        "rows": described.rows,
        "columns": [
            {
                "header": column.header,
                "field": fields.get(column.header),
                "values": [value for value, _ in column.values[:SAMPLES]],
            }
            for column in described.columns
        ],
        "words": [
            {
                "field": name,
                "word": word,
                "rows": counts[draft.columns[name]].get(word, 0),
                "meaning": meaning,
            }
            for name, meanings in draft.words.items()
            for word, meaning in meanings.items()
        ],
        "settings": {name: getattr(draft, name) for name in SETTINGS},
        "missing": [[name.lstrip("_") for name in group] for group in draft.missing],
        "trial": trial and _trial(context, trial),
    }


def _trial(context: Context, trial: Preview) -> dict[str, Any]:
    words, error = context.words, trial.error
    return {
        "rows": trial.rows,
        "accepted": trial.accepted,
        "rejected": trial.rejected,
        "rejects": [one.as_json(words) for one in trial.rejects[:LISTED]],
        "warnings": [one.as_json(words) for one in trial.warnings],
        "error": error and {"code": error.code, "message": error_sentence(words, error.code, error.details)},
    }


def _show(context: Context, document: dict[str, Any], key: str | None) -> None:
    words = context.words
    context.show(words("cli.describe.rows", kind=document["kind"], rows=f"{document['rows']:,}"))
    headers = (words("cli.check.header"), words("cli.check.field"), words("cli.describe.values"))
    rows = [
        [
            printing.plain(one["header"]),
            one["field"] or words("cli.none"),
            printing.plain(" · ".join(one["values"])),
        ]
        for one in document["columns"]
    ]
    context.show(printing.table(headers, rows, left=3))
    for one in document["words"]:
        meaning = one["meaning"] or words("cli.describe.open")
        context.show(f"  {one['field']}.{printing.plain(one['word'])} = {meaning}  ({one['rows']:,})")
    context.show("  " + "  ".join(f"{name}={value}" for name, value in document["settings"].items()))
    for group in document["missing"]:
        context.tell(words("cli.describe.missing", fields=" / ".join(group)))
    if trial := document["trial"]:
        said = {name: f"{trial[name]:,}" for name in ("rows", "accepted", "rejected")}
        context.show(words("cli.describe.tried", **said))
        for message in (*trial["rejects"], *trial["warnings"], *([trial["error"]] if trial["error"] else ())):
            context.tell(f"  {printing.plain(message['message'])}")
    if key is not None:
        context.show(context.words("cli.describe.saved", name=key))
