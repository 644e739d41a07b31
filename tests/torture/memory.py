"""A parser that notes of each file how long it took and how much memory its child process needed."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from shopdata.ingest.client import Parser
from shopdata.ingest.results import Parsed

RESET_PEAK = "5"


class MeasuredParser(Parser):
    """``seconds`` and peak ``bytes`` of the child by file name (0 bytes where the system cannot say)."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: dict[str, float] = {}
        self.bytes: dict[str, int] = {}

    def parse(self, path: Path, out: Path, *, file_name: str, **more: Any) -> Parsed:
        """As the parser does, measured."""
        if (place := self._place()) is not None:
            (place / "clear_refs").write_text(RESET_PEAK)
        started = time.monotonic()
        try:
            return super().parse(path, out, file_name=file_name, **more)
        finally:
            self.seconds[file_name] = time.monotonic() - started
            self.bytes[file_name] = self._peak()

    def _peak(self) -> int:
        place = self._place()
        found = re.search(r"VmHWM:\s+(\d+) kB", (place / "status").read_text()) if place else None
        return int(found.group(1)) * 1024 if found else 0

    def _place(self) -> Path | None:
        child = self._child
        place = Path(f"/proc/{child.pid}") if child is not None and child.poll() is None else None
        return place if place is not None and place.is_dir() else None
