"""The bytes of a text file as UTF-8: which encoding they are in, and copies for the reader.

Whether a header stands in the text is decided in ``csv_head``; here nothing is known of formats.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from shopdata.errors import Refused

PIECE = 1 << 22
BINARY_SHARE = 0.05
ONE_SIDE = 0.9
NO_TEXT = b"\xff"
UTF8_BOM = b"\xef\xbb\xbf"
WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes([*range(1, 9), *range(14, 27), *range(28, 32)])


def is_blank(head: bytes) -> bool:
    """Whether nothing but blanks, NUL and byte order marks stands there."""
    return not head.strip(b"\r\n\t \x00" + UTF8_BOM)


def is_binary(head: bytes) -> bool:
    """Whether too many bytes are NULs or controls that no text has."""
    return _controls(head) + head.count(0) > BINARY_SHARE * len(head)


def _controls(head: bytes) -> int:
    return len(head) - len(head.translate(None, _CONTROLS))


def is_markup(text: str) -> bool:
    """Whether the text begins as HTML or XML does."""
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def wide(head: bytes) -> str | None:
    """The encoding of two or four bytes a letter of ``head``: by its mark, or by where its NULs are."""
    if marked := next((name for mark, name in WIDE_BOMS if head.startswith(mark)), None):
        return marked
    high, low = head[0::2].count(0), head[1::2].count(0)
    if high + low <= BINARY_SHARE * len(head) or _controls(head) > BINARY_SHARE * len(head):
        return None
    if low >= ONE_SIDE * (high + low):
        return "utf-16-le"
    return "utf-16-be" if high >= ONE_SIDE * (high + low) else None


def first_undecodable(path: Path, encoding: str = "utf-8") -> int | None:
    """Byte offset of the first byte that is no text of ``encoding``, or None when all is."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset = 0
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as fault:
                return offset - pending + fault.start
            if not piece:
                return None
            offset += len(piece)


def recoded(path: Path, scratch: Path, encoding: str, offset: int | None = None) -> Path:
    """A UTF-8 copy in ``scratch``. Refused with the offset of the first bad byte when it does not decode.

    A file that ends inside a letter was cut off there: its copy ends in a byte that is no text, so that the
    last row is damaged and the others are not.
    """
    copy = scratch / "utf8.csv"
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with path.open("rb") as file, copy.open("wb") as out:
        while piece := file.read(PIECE):
            try:
                text = decoder.decode(piece)
            except UnicodeDecodeError as fault:
                raise Refused("encoding_unknown", offset=done if offset is None else offset) from fault
            out.write(_with_unix_ends(text).encode("utf-8", "surrogatepass"))
            done += len(piece)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            out.write(NO_TEXT)
    return copy


def _with_unix_ends(text: str) -> str:
    return text if "\n" in text else text.replace("\r", "\n")


def with_unix_ends(path: Path, head: bytes, scratch: Path) -> Path:
    """The file itself, or a copy whose lines end in a line feed where they only had carriage returns."""
    if b"\n" in head or b"\r" not in head:
        return path
    copy = scratch / "utf8.csv"
    with path.open("rb") as file, copy.open("wb") as out:
        while piece := file.read(PIECE):
            out.write(piece.replace(b"\r", b"\n"))
    return copy
