"""Password-protected workbooks: what the file name tells of the password, and the plain form.

Unlocking runs in the child process that reads untrusted files, under its limits. A password is an argument
here and nothing else: never kept, logged or part of a fault.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from xml.parsers.expat import ExpatError

import olefile
from msoffcrypto import exceptions
from msoffcrypto.format.ooxml import OOXMLFile
from olefile.olefile import OleFileError

from shopdata.errors import Refused
from shopdata.ingest.xlsx_parts import refuse_dtd

PACKAGE, KEYS = "EncryptedPackage", "EncryptionInfo"
# Office asks for 100,000 rounds; a file that asks for many more wants our time.
MOST_ROUNDS = 2_000_000
FROM_NAME = 6
COPY_NUMBER = re.compile(r"[ _-]*[(\uff08]\d+[)\uff09]$")
BROKEN = (
    exceptions.FileFormatError, exceptions.ParseError, exceptions.DecryptionError, ExpatError, struct.error,
    KeyError, IndexError, ValueError, TypeError, AttributeError, OleFileError,
)  # fmt: skip


def by_file_name(name: str) -> Iterator[str]:
    """Passwords the name of a file tells: Kuaishou's are the last six characters of its stem, also where a
    browser has numbered a copy."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    for one in dict.fromkeys((COPY_NUMBER.sub("", stem), stem)):
        if len(one) >= FROM_NAME:
            yield one[-FROM_NAME:]


def unlock(path: Path, target: Path, file_name: str, passwords: Iterable[str]) -> None:
    """Write the plain workbook to ``target`` (0600), by the file's name or one of ``passwords``.

    Raises ``Refused``: ``password_needed`` when none was given, ``password_wrong`` when none fits.
    """
    given = [one for one in passwords if one]
    with path.open("rb") as file:
        try:
            _check_keys(path)
            book = OOXMLFile(file)
            if book.info.get("spinValue", 0) > MOST_ROUNDS:
                raise Refused("too_large", limit=f"{MOST_ROUNDS:,}")
            fits = next((one for one in (*by_file_name(file_name), *given) if _fits(book, one)), None)
        except BROKEN as fault:
            raise Refused("archive_damaged", part=KEYS) from fault
        if fits is None:
            raise Refused("password_wrong" if given else "password_needed")
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as plain:
            try:
                book.decrypt(plain)
            except (*BROKEN, exceptions.InvalidKeyError) as fault:
                raise Refused("archive_damaged", part=PACKAGE) from fault


def _check_keys(path: Path) -> None:
    """Refuse keys that declare anything before an XML reader sees them."""
    with olefile.OleFileIO(str(path)) as parts:
        if not (parts.exists(KEYS) and parts.exists(PACKAGE)):
            raise Refused("not_a_table")
        refuse_dtd(parts.openstream(KEYS).read().replace(b"\0", b""), KEYS)


def _fits(book: OOXMLFile, password: str) -> bool:
    try:
        book.load_key(password=password, verify_password=True)
    except exceptions.InvalidKeyError:
        return False
    return True
