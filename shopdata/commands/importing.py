"""``import``: files, folders, archives; one entry a file, progress on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from shopdata.abnormal.judging import judge_if_free
from shopdata.commands import printing
from shopdata.commands.context import Context, Options
from shopdata.errors import BadUsage
from shopdata.imports import effects
from shopdata.imports.results import FileResult, exit_status
from shopdata.imports.run import Progress, import_paths

BETWEEN_LINES = 1.0
LISTED_REJECTS = 10


def _paths(context: Context, typed: Sequence[str]) -> tuple[Path, ...]:
    named = [name for one in typed for name in (context.lines if one == "-" else (one,))]
    paths = tuple(context.path(name) for name in dict.fromkeys(named))
    if not paths:
        raise BadUsage("path_not_found", path="-")
    return paths


def teller(context: Context) -> Callable[[Progress], None]:
    """Says how far an import is, at most once a second."""
    last = 0.0

    def tell(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= BETWEEN_LINES:
            last = now
            context.tell(_line(context, progress))

    return tell


def _line(context: Context, progress: Progress) -> str:
    """``a.csv  reading 40 %  1/3 files  about 12 s left``."""
    words = context.words
    share = f" {progress.done / progress.total:.0%}" if progress.stage == "reading" and progress.total else ""
    parts = [printing.plain(progress.file), words(f"cli.stage.{progress.stage}") + share]
    if progress.files > 1:
        parts.append(f"{progress.files_done}/{progress.files}")
    if progress.seconds_left is not None:
        parts.append(words("cli.seconds_left", seconds=f"{progress.seconds_left:,.0f}"))
    return "  " + "  ".join(parts)


def run(context: Context, options: Options) -> int:
    """Import what was named; a file that is not there is refused like any other unreadable file."""
    results = import_paths(
        context.store,
        _paths(context, options.paths),
        shop=options.shop,
        format_key=options.format,
        user="local",
        progress=teller(context),
        passwords=context.passwords,
    )
    judge_if_free(context.store)
    if context.as_json:
        context.document({"files": [one.as_json(context.words) for one in results]})
    else:
        for one in results:
            show(context, one)
    return exit_status(results)


def show(context: Context, one: FileResult) -> None:
    """One file's result as lines for people."""
    words = context.words
    counts = {name: f"{getattr(one, name):,}" for name in ("rows", "accepted", "rejected", "new", "updated")}
    sentence = words(f"cli.imported.{one.status}", **counts, unchanged=f"{one.unchanged:,}")
    context.show(f"{printing.plain(one.file)}: {sentence}")
    document = one.as_json(words)
    if one.error is not None:
        context.show(f"    {document['error']['message']}")
    if one.format is not None and one.status == "imported":
        context.show("    " + words("cli.imported.into", format=one.format, shop=one.shop or "–"))
        if one.effect is not None:
            context.show("    " + effects.told(one.effect, words))
    for said in (*document["findings"], *document["warnings"]):
        context.show(f"    {printing.plain(said['message'])}")
    for reject in document["rejects"][:LISTED_REJECTS]:
        context.show(f"    {printing.plain(reject['message'])}")
    if one.rejected > LISTED_REJECTS:
        context.show("    " + words("cli.imported.more", more=f"{one.rejected - LISTED_REJECTS:,}"))
