"""Where an upload lands: files of a new folder on disk, never in memory, counted as they grow."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from python_multipart.multipart import MultipartParser, parse_options_header

from shopdata.errors import DiskFull, Refused

LIMIT = 4 << 30
RESERVE = 64 << 20
LONGEST_NAME = 255
LONGEST_FIELD = 1000
TEXT_FIELDS = ("shop", "format")
# Only in a form: an address is written down by whoever it passes.
SECRET_FIELDS = ("password",)


@dataclass(slots=True)
class Received:
    """A file on disk and the name its sender gave it (with its folder, where one was chosen)."""

    path: Path
    name: str


def clean_name(raw: str) -> str:
    """A file name as its sender meant it: no control signs, no way out of a folder, never empty."""
    printable = "".join(sign for sign in raw.replace("\\", "/") if sign.isprintable())
    steps = [step for step in printable.split("/") if step not in {"", ".", ".."}]
    return "/".join(steps)[-LONGEST_NAME:] or "upload"


class Sink:
    """Writes what arrives to files in a new folder; counts bytes against the limit and the free room."""

    def __init__(self, temporary: Path, *, limit: int = LIMIT) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="upload-", dir=temporary))
        self._left = limit
        self._limit = limit
        self._file: BinaryIO | None = None
        self._since_check = 0
        self.received: list[Received] = []

    def begin(self, name: str) -> None:
        """Open the next file. Its name on disk is ours; the sender's name is only remembered."""
        known_as = clean_name(name)
        path = self.folder / f"{len(self.received)}{Path(known_as).suffix.lower()[:12]}"
        self._file = path.open("xb")
        self.received.append(Received(path, known_as))
        self._check_room(0)

    def write(self, data: bytes) -> None:
        """Append to the open file. Raises ``Refused`` (``too_large``) or ``DiskFull``."""
        if self._file is None:
            return
        self._left -= len(data)
        if self._left < 0:
            raise Refused("too_large", limit=f"{self._limit >> 30} GB")
        self._check_room(len(data))
        try:
            self._file.write(data)
        except OSError as fault:
            raise DiskFull from fault

    def _check_room(self, size: int) -> None:
        self._since_check += size
        if size == 0 or self._since_check >= RESERVE // 4:
            self._since_check = 0
            if shutil.disk_usage(self.folder).free < RESERVE:
                raise DiskFull

    def end(self) -> None:
        """Close the open file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def parted(self) -> list[tuple[Path, str]]:
        """Each received file in a folder of its own, so that one can go without the others."""
        for place, one in enumerate(self.received):
            folder = self.folder.with_name(f"{self.folder.name}-{place}")
            folder.mkdir(mode=0o700)
            one.path = one.path.rename(folder / one.path.name)
        self.folder.rmdir()
        return [(one.path, one.name) for one in self.received]

    def discard(self) -> None:
        """Remove everything that was received."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(slots=True)
class Form:
    """Callbacks of the multipart parser: files go to the sink, short text fields are kept."""

    sink: Sink
    texts: dict[str, str] = field(default_factory=dict)
    is_whole: bool = False
    _header: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _name: str | None = None

    def parser(self, boundary: bytes) -> MultipartParser:
        """A parser that feeds this form."""
        of_parts = ("part_begin", "part_data", "part_end", "end")
        of_headers = ("header_field", "header_value", "header_end", "headers_finished")
        callbacks = {f"on_{name}": getattr(self, name) for name in of_parts + of_headers}
        return MultipartParser(boundary, callbacks)  # type: ignore[arg-type]

    def part_begin(self) -> None:
        """A part starts."""
        self._headers, self._name = {}, None

    def header_field(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's name."""
        self._header[0].extend(data[start:end])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's value."""
        self._header[1].extend(data[start:end])

    def header_end(self) -> None:
        """A header is complete."""
        self._headers[bytes(self._header[0]).lower()] = bytes(self._header[1])
        self._header = (bytearray(), bytearray())

    def headers_finished(self) -> None:
        """All headers of a part are known: it is a file or a field."""
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if (file_name := options.get(b"filename")) is not None:
            self.sink.begin(file_name.decode("utf-8", "replace"))
        elif (name := options.get(b"name", b"").decode("utf-8", "replace")) in (*TEXT_FIELDS, *SECRET_FIELDS):
            self._name = name
            self.texts[name] = ""

    def part_data(self, data: bytes, start: int, end: int) -> None:
        """A piece of a part."""
        if self._name is None:
            self.sink.write(data[start:end])
        elif len(self.texts[self._name]) < LONGEST_FIELD:
            self.texts[self._name] += data[start:end].decode("utf-8", "replace")

    def part_end(self) -> None:
        """A part ends."""
        self.sink.end()

    def end(self) -> None:
        """The closing boundary has come: nothing is missing."""
        self.is_whole = True
