"""``formats new`` on a terminal: the same command again and again, with one setting more each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shopdata.words import Words

SAVE, QUIT = "save", "quit"

Run = Callable[[Sequence[str]], int]
Read = Callable[[str], str]


def converse(arguments: Sequence[str], run: Run, words: Words, read: Read = input) -> int:
    """Show the proposal and take changes until it is saved or left; the status of the last command.

    ``run`` runs a command line and prints what it says; ``read`` asks a question on the terminal.
    """
    settings: list[str] = []
    status = run(arguments)
    while True:
        try:
            typed = read(words("cli.describe.ask")).strip()
        except EOFError:
            return status
        verb, _, name = typed.partition(" ")
        if verb == QUIT:
            return status
        change = ["--save", *(("--name", name.strip()) if name.strip() else ())] if verb == SAVE else []
        tried = settings if verb == SAVE or not typed else [*settings, "--set", typed]
        status = run([*arguments, *tried, *change])
        if verb == SAVE and status < 2:
            return status
        settings = tried if status < 2 else settings
