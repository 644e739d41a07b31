"""The unforeseen, kept from people: an exception nobody expected becomes a place in the code and status 3.

The message of such an exception may hold a buyer's data, so only its kind and place are printed.
``SHOPDATA_DEBUG=1`` prints the whole traceback.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from types import TracebackType

from shopdata.errors import ShopdataError

ROOT = Path(__file__).resolve().parent.parent.parent


class Unforeseen:
    """Context manager that swallows exceptions the product does not explain itself; ``place`` tells of it."""

    def __init__(self) -> None:
        self.place: str | None = None

    def __enter__(self) -> Unforeseen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(fault, Exception) or isinstance(fault, ShopdataError | BrokenPipeError):
            return False
        if os.environ.get("SHOPDATA_DEBUG") == "1":
            self.place = "".join(traceback.format_exception(fault)).rstrip()
        else:
            self.place = f"{type(fault).__name__} ({_place(trace)})"
        return True


def _place(trace: TracebackType | None) -> str:
    """Folder, file and line of the innermost frame of our own code."""
    frames = traceback.extract_tb(trace)
    own = [
        frame for frame in frames if ROOT in Path(frame.filename).parents and ".venv" not in frame.filename
    ]
    last = (own or frames)[-1]
    return f"{'/'.join(Path(last.filename).parts[-2:])}:{last.lineno}"
