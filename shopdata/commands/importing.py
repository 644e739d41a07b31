"""``import``: files, folders, archives; one entry a file, progress on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from shopdata.commands import printing
from shopdata.commands.context import Context, Options
from shopdata.errors import BadUsage
from shopdata.imports.results import FileResult, exit_status
from shopdata.imports.run import Progress, import_paths
from shopdata.platforms import formats

BETWEEN_LINES = 1.0
LISTED_REJECTS = 10


def _paths(context: Context, typed: Sequence[str]) -> tuple[Path, ...]:
    named = [name for one in typed for name in (context.lines if one == "-" else (one,))]
    paths = tuple(context.path(name) for name in dict.fromkeys(named))
    if not paths:
        raise BadUsage("path_not_found", path="-")
    return paths


def _teller(context: Context) -> Callable[[Progress], None]:
    """Says how far an import is, at most once a second."""
    last = 0.0

    def tell(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= BETWEEN_LINES:
            last = now
            context.tell(f"  {printing.plain(progress.file)}  {progress.done:,} / {progress.total:,}")

    return tell


def run(context: Context, options: Options) -> int:
    """Import what was named; a file that is not there is refused like any other unreadable file."""
    if options.format is not None and options.format not in formats():
        raise BadUsage("format_key_unknown", format=options.format)
    results = import_paths(
        context.store,
        _paths(context, options.paths),
        shop=options.shop,
        format_key=options.format,
        user="local",
        progress=_teller(context),
    )
    if context.as_json:
        context.document({"files": [one.as_json(context.words) for one in results]})
    else:
        for one in results:
            _show(context, one)
    return exit_status(results)


def _show(context: Context, one: FileResult) -> None:
    words = context.words
    counts = {name: f"{getattr(one, name):,}" for name in ("rows", "accepted", "rejected", "new", "updated")}
    sentence = words(f"cli.imported.{one.status}", **counts, unchanged=f"{one.unchanged:,}")
    context.show(f"{printing.plain(one.file)}: {sentence}")
    document = one.as_json(words)
    if one.error is not None:
        context.show(f"    {document['error']['message']}")
    if one.format is not None and one.status == "imported":
        context.show("    " + words("cli.imported.into", format=one.format, shop=one.shop or "–"))
    for warning in document["warnings"]:
        context.show(f"    {printing.plain(warning['message'])}")
    for reject in document["rejects"][:LISTED_REJECTS]:
        context.show(
            "    " + words("cli.imported.row", row=reject["row"], message=printing.plain(reject["message"]))
        )
    if one.rejected > LISTED_REJECTS:
        context.show("    " + words("cli.imported.more", more=f"{one.rejected - LISTED_REJECTS:,}"))
