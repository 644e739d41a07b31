"""What may be attached to a case, told by content and never by name: pictures, videos, PDF, chats as text.

Here only the first bytes and texts are looked at; pictures are read whole by the child process
(``Parser.picture``). Pages, drawings and programs are refused: they could come alive where they are opened.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from shopdata.errors import Refused

MEGABYTE = 1 << 20
LONGEST_NAME = 100
HEAD, TAIL = 64, 2_048


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of evidence: how its file ends when it is handed out, and how many bytes it may have."""

    suffix: str
    limit: int
    is_picture: bool = False


KINDS: Mapping[str, Kind] = {
    "jpeg": Kind(".jpg", 20 * MEGABYTE, is_picture=True),
    "png": Kind(".png", 20 * MEGABYTE, is_picture=True),
    "webp": Kind(".webp", 20 * MEGABYTE, is_picture=True),
    "gif": Kind(".gif", 20 * MEGABYTE, is_picture=True),
    "mp4": Kind(".mp4", 200 * MEGABYTE),
    "pdf": Kind(".pdf", 50 * MEGABYTE),
    "text": Kind(".txt", 5 * MEGABYTE),
}
LARGEST = max(kind.limit for kind in KINDS.values())
TEXT_SUFFIXES = ("", ".txt", ".csv", ".tsv", ".log", ".md")
STARTS = (
    ("jpeg", b"\xff\xd8\xff"),
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("gif", b"GIF87a"),
    ("gif", b"GIF89a"),
)
# Brands of MP4 and of the videos phones record; HEIC pictures have others and are refused.
VIDEO_BRANDS = re.compile(rb"iso[m2-9]|mp4[12]|mmp4|avc1|M4V[ HP]|MSNV|dash|3gp[4-9]|f4v |qt  ")
MARKUP = re.compile(r"\A\s*<[!?/a-z]|<\s*(script|html|svg|body|iframe|!doctype)\b", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


def kind_of(path: Path, name: str) -> str:
    """The kind of the file at ``path``, given as ``name``. Raises ``Refused`` in words a shopkeeper knows."""
    size = path.stat().st_size
    if not size:
        raise Refused("evidence_empty")
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, size - TAIL))
        tail = file.read()
    found = _by_start(head) or ("text" if size <= KINDS["text"].limit else None)
    if found == "text":
        _check_text(path.read_bytes(), name)
    if found is None:
        raise Refused("evidence_kind")
    if size > KINDS[found].limit:
        raise Refused("evidence_too_large", kind=found, limit=KINDS[found].limit // MEGABYTE)
    if found == "pdf" and b"%%EOF" not in tail:
        raise Refused("evidence_damaged")
    return found


def _by_start(head: bytes) -> str | None:
    for kind, start in STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        if not VIDEO_BRANDS.match(head[8:12]):
            raise Refused("evidence_kind")
        return "mp4"
    return "pdf" if head.startswith(b"%PDF-") else None


def _check_text(data: bytes, name: str) -> None:
    """A chat record is plain text under a plain name."""
    text = _decoded(data)
    if text is None or CONTROL.search(text):
        raise Refused("evidence_kind")
    if MARKUP.search(text):
        raise Refused("evidence_markup")
    if text.startswith("#!") or PurePosixPath(name).suffix.lower() not in TEXT_SUFFIXES:
        raise Refused("evidence_program")


def _decoded(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def clean_name(name: str) -> str:
    """The last step of a name as people gave it: nothing that steers a screen or a file system, not empty."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in last if sign.isprintable() and unicodedata.category(sign) != "Cf")
    plain = UNSAFE.sub("_", shown).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if dot and len(suffix) <= 8:
        return f"{stem[: LONGEST_NAME - 9]}.{suffix}"
    return plain[:LONGEST_NAME] or "-"


def name_out(name: str | None, kind: str, number: int) -> str:
    """The name a file leaves under: its number, its name, the ending of its kind."""
    stem, dot, suffix = (name or "").rpartition(".")
    plain = stem if dot and len(suffix) <= 8 else name or ""
    return f"{number:02d}-{plain or kind}{KINDS[kind].suffix}"
