"""``python -m shopdata``: reads the command line, then runs it here or in the server that owns the store.

A command takes the store itself when nobody holds it. A running server gets the command over the link and
answers through it; another command at work is waited for. Nobody ever reads a lock error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from shopdata import commands, link
from shopdata.commands import asking, parser, secrets, watching
from shopdata.commands.faults import Unforeseen
from shopdata.errors import BadUsage, ShopdataError, StoreLocked
from shopdata.serve import serve
from shopdata.settings import Settings, read_settings
from shopdata.store import open_store
from shopdata.store.backup import restore
from shopdata.words import LANGUAGES, Words, words
from shopdata.words.sentences import sentence

PATIENCE = 600.0
QUIET = 1.0
STEP = 0.1


def write(stream: str, text: str) -> None:
    """Text to standard output or standard error, at once."""
    target = sys.stdout if stream == "stdout" else sys.stderr
    target.write(text)
    target.flush()


def language(arguments: Sequence[str]) -> str:
    """``--lang`` of the arguments, else ``SHOPDATA_LANG``, else Chinese; known before anything else."""
    flagged = [after for flag, after in pairwise(arguments) if flag == "--lang"]
    flagged += [argument[7:] for argument in arguments if argument.startswith("--lang=")]
    wished = flagged[-1] if flagged else os.environ.get("SHOPDATA_LANG", "")
    return wished if wished in LANGUAGES else LANGUAGES[0]


def say_fault(fault: ShopdataError, spoken: Words, *, as_json: bool) -> int:
    """A fault outside any command: the sentence, with ``--json`` also the document. Returns the status."""
    text = sentence(fault, spoken)
    if as_json:
        document = {"error": {"code": fault.code, "message": text}}
        write("stdout", json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    write("stderr", spoken("cli.error", sentence=text) + "\n")
    return fault.exit_status


def run_somewhere(
    command: link.Command, write: link.Write = write, *, settings: Settings, spoken: Words
) -> int:
    """Run a command in the server that owns the store, or here once the store is free."""
    started, told = time.monotonic(), False
    while True:
        status = link.ask(settings.home, command, write)
        if status is not None:
            return status
        try:
            store = open_store(settings)
        except StoreLocked as locked:
            holder = locked.details.get("holder") or "–"
            waited = time.monotonic() - started
            if waited > PATIENCE:
                raise StoreLocked("store_waited", holder=holder) from None
            if waited > QUIET and not told:
                write("stderr", spoken("cli.waiting", holder=holder) + "\n")
                told = True
            time.sleep(STEP)
            continue
        try:
            return commands.run_here(command, write, store, settings)
        finally:
            store.close()


def run_restore(options: argparse.Namespace, settings: Settings, spoken: Words) -> int:
    """Restoring replaces the store, so nobody may hold it."""
    if link.is_answering(settings.home):
        place = link.Place.read(settings.home)
        raise BadUsage("restore_while_serving", url=place.url if place else "–")
    source = Path.cwd() / Path(options.file).expanduser()
    if not source.is_file():
        raise BadUsage("path_not_found", path=source)
    kept = restore(settings, source)
    if options.json:
        write("stdout", json.dumps({"restored": str(source), "previous": str(kept) if kept else None}) + "\n")
    else:
        write("stdout", spoken("cli.restored", file=source, previous=kept or "–") + "\n")
    return 0


def run(options: argparse.Namespace, arguments: Sequence[str], spoken: Words) -> int:
    """Run a parsed command line; returns the exit status."""
    settings = read_settings()
    if options.command == "serve":
        return serve(settings, address=options.address, port=options.port)
    if options.command == "restore":
        return run_restore(options, settings, spoken)
    lines: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()
    if options.command == "import":
        passwords = secrets.passwords(options, spoken)
        if "-" in options.paths:
            lines = tuple(line for line in sys.stdin.read().splitlines() if line.strip())
    command = link.Command(tuple(arguments), str(Path.cwd()), spoken.language, lines, passwords)
    run_one = partial(run_somewhere, settings=settings, spoken=spoken)
    if options.command == "watch":
        folder = Path.cwd() / Path(options.folder).expanduser()
        return watching.watch(folder, command, spoken, run_one, write, as_json=options.json)
    if is_conversation(options):
        return asking.converse(
            arguments, lambda line: run_one(replace(command, arguments=tuple(line))), spoken
        )
    return run_one(command)


def is_conversation(options: argparse.Namespace) -> bool:
    """Whether somebody at a terminal describes a file and has not said all of it yet."""
    describes = options.command == "formats" and options.action == "new"
    return describes and not (options.json or options.save) and sys.stdin.isatty() and sys.stdout.isatty()


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point: 0 done, 1 done in part, 2 refused, 3 a fault of the system."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    spoken = words(language(typed))
    as_json = "--json" in typed
    with Unforeseen() as unforeseen:
        try:
            return run(parser.parse(typed, spoken), typed, spoken)
        except ShopdataError as fault:
            return say_fault(fault, spoken, as_json=as_json)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except KeyboardInterrupt:
            return 130
    write("stderr", f"  {unforeseen.place}\n")
    return say_fault(ShopdataError(), spoken, as_json=as_json)
