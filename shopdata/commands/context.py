"""What a command works with: the store, the words, where it was typed, and where its output goes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.words import Words

Write = Callable[[str, str], None]
Options = argparse.Namespace


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to every command. ``write(stream, text)`` reaches the terminal of whoever typed the command.

    ``folder`` is the folder the command was typed in; ``lines`` are what was piped in where a path is ``-``.
    ``passwords`` open protected workbooks.
    """

    store: Store
    settings: Settings
    words: Words
    folder: Path
    write: Write
    as_json: bool = False
    lines: tuple[str, ...] = ()
    passwords: tuple[str, ...] = field(default=(), repr=False)

    def path(self, typed: str) -> Path:
        """A typed path, as seen from the folder the command was typed in."""
        return self.folder / Path(typed).expanduser()

    def show(self, text: str) -> None:
        """A result for people, on standard output."""
        self.write("stdout", f"{text}\n")

    def tell(self, text: str) -> None:
        """A message or progress, on standard error."""
        self.write("stderr", f"{text}\n")

    def document(self, content: object) -> None:
        """The one JSON document of a command, on standard output."""
        self.show(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1))
