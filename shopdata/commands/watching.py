"""``watch``: import what appears in a folder, once, after it stopped growing, until Ctrl-C.

The loop runs where the command was typed and only looks at the folder. What is ready goes through the same
door as any command (``run_taken``), so the store is free in between and a running server gets the files.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from shopdata import link
from shopdata.abnormal.judging import judge_if_free
from shopdata.commands import importing
from shopdata.commands.context import Context, Options
from shopdata.errors import BadUsage
from shopdata.imports.results import exit_status
from shopdata.imports.run import import_paths
from shopdata.imports.watching import INTERVAL, Watcher, take
from shopdata.words import Words

Run = Callable[[link.Command], int]


def run_taken(context: Context, options: Options) -> int:
    """Import those of the files (lines of the command) that were never taken from the folder."""
    folder = context.path(options.folder)
    given = take(context.store, folder, [Path(line) for line in context.lines])
    results = (
        import_paths(context.store, given, user="local", progress=importing.teller(context)) if given else ()
    )
    judge_if_free(context.store)
    if context.as_json:
        context.document({"files": [one.as_json(context.words) for one in results]})
    else:
        for one in results:
            importing.show(context, one)
    return exit_status(results)


def watch(
    folder: Path,
    command: link.Command,
    spoken: Words,
    run: Callable[[link.Command, link.Write], int],
    write: link.Write,
    *,
    as_json: bool,
) -> int:
    """Look at the folder until interrupted; returns the exit status of everything imported meanwhile."""
    if not folder.is_dir():
        raise BadUsage("path_not_found", path=folder)
    files: list[Any] = []
    statuses: list[int] = []
    stopping = _stopping()
    write("stderr", spoken("cli.watching", folder=folder) + "\n")
    watcher = Watcher(folder)
    try:
        while not stopping.wait(INTERVAL):
            if ready := watcher.look():
                asked = replace(command, lines=tuple(map(str, ready)))
                statuses.append(run(asked, _keeping(files, write) if as_json else write))
        write("stderr", spoken("cli.watch_ended") + "\n")
    finally:
        if as_json:
            document = {"folder": str(folder), "files": files}
            write("stdout", json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    return _together(statuses)


def _stopping() -> threading.Event:
    """Set by Ctrl-C or the system's word to end: what is being imported still ends, whole. A second Ctrl-C
    breaks off."""
    event = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        event.set()
        signal.signal(number, signal.default_int_handler)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked)
    return event


def _keeping(files: list[Any], write: link.Write) -> link.Write:
    """Standard output is kept for the one document at the end."""

    def kept(stream: str, text: str) -> None:
        if stream == "stdout":
            files.extend(json.loads(text).get("files", ()))
        else:
            write(stream, text)

    return kept


def _together(statuses: Sequence[int]) -> int:
    """3 a fault, 1 something was rejected or refused, 0 all well."""
    return 3 if 3 in statuses else int(any(statuses))
