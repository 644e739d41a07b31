"""Passwords of protected workbooks for ``import``: from a file or a pipe, or typed unseen at a terminal.

Never from the command line itself, which every process list shows.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from shopdata.errors import BadUsage
from shopdata.ingest.opening import is_locked
from shopdata.words import Words


def passwords(options: argparse.Namespace, spoken: Words) -> tuple[str, ...]:
    """One password a line of ``--password-file``; without it what is typed when asked, if anything.

    Asked is once, at a terminal, when a named file is locked; an empty answer leaves it to the file names.
    """
    wanted = options.password_file
    if wanted == "-":
        if "-" in options.paths:
            raise BadUsage(detail=spoken("cli.usage_error.two_pipes"))
        return _lines(sys.stdin.read())
    if wanted is not None:
        try:
            return _lines((Path.cwd() / Path(wanted).expanduser()).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as fault:
            raise BadUsage("path_not_found", path=wanted) from fault
    if options.json or not (sys.stdin.isatty() and sys.stderr.isatty()) or not _any_locked(options.paths):
        return ()
    return _lines(getpass.getpass(spoken("cli.password_prompt")))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.splitlines() if line)


def _any_locked(typed: list[str]) -> bool:
    """Whether a named file, or one right in a named folder, is a protected workbook."""
    for name in typed:
        path = Path.cwd() / Path(name).expanduser()
        files = path.iterdir() if path.is_dir() else [path]
        try:
            if any(one.is_file() and is_locked(one) for one in files):
                return True
        except OSError:
            continue
    return False
