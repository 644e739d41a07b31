"""Workbooks as Office locks them by a password."""

from __future__ import annotations

import io
from pathlib import Path

from msoffcrypto.format.ooxml import OOXMLFile


def locked(plain: Path, target: Path, password: str) -> Path:
    """``target``: the workbook ``plain``, locked."""
    out = io.BytesIO()
    with plain.open("rb") as file:
        OOXMLFile(file).encrypt(password, out)
    target.write_bytes(out.getvalue())
    return target
