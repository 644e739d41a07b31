"""Random damage to good files: bytes, lines and cells of a CSV, parts of workbooks and archives."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

from tests.torture.cases import amounts, dates, hostile_text, ids, quantities
from tests.torture.declaration import Numbers
from tests.torture.making import book, csv, text, zipped

ROWS = 4
MOST_CHANGES = 6
REPACKED = 0.8
MARKS = (
    '"', '""', '"\n', ",", ",,,,", "\t", ";", "\r", "\n", "\r\n", "\x00", "\ufeff", "\ud800", "\x1a",
    "x" * 40_000, "_x0000_", "_xD800_", "主订单编号", "订单状态", "</f>", ' t="e"', ' t="s"', "<v>", "</c>",
    "<row>", "<f>1</f>", ' r="XFD1048576"', "99999999999", "&#0;", "&lt;", "<![CDATA[",
)  # fmt: skip
CELLS = (amounts.BROKEN, amounts.SPELLED, dates.TEXTS, ids.BROKEN, quantities.TEXTS)
TEXTS = (hostile_text.FORMULAS, hostile_text.QUERIES, hostile_text.UNSEEN)
TOKENS = tuple(
    token.encode("utf-8", "surrogatepass") for tokens in (*CELLS, *TEXTS, MARKS) for token in tokens
)
Random = random.Random
Change = Callable[[Random, bytes], bytes]


def samples() -> dict[str, bytes]:
    """Good files of every kind, by name."""
    numbers = Numbers(7 * 10**14)
    plain, sheet = csv(numbers.rows(ROWS)), book(numbers.rows(ROWS))
    return {
        "a.csv": plain,
        "b.csv": text(numbers.rows(ROWS)).encode("gb18030"),
        "c.csv": text(numbers.rows(ROWS)).encode("utf-16"),
        "d.xlsx": sheet,
        "e.xlsx": book([row | {"订单应付金额": 129.9, "商品数量": 2} for row in numbers.rows(ROWS)]),
        "f.zip": zipped({"a.csv": plain, "b/c.xlsx": sheet}),
    }


def _flip(chance: Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


def _noise(chance: Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + chance.randbytes(chance.randint(1, 20)) + data[place + chance.randint(0, 20) :]


def _token(chance: Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + chance.choice(TOKENS) + data[place + chance.choice((0, 0, 3, 19)) :]


def _without(chance: Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + data[place + chance.randint(1, 1 + len(data) // 4) :]


def _again(chance: Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    piece = data[place : place + chance.randint(1, 1 + len(data) // 4)]
    other = chance.randrange(len(data))
    return data[:other] + piece * chance.choice((1, 1, 2, 30)) + data[other:]


def _cut(chance: Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _cell(chance: Random, data: bytes) -> bytes:
    """One text between two delimiters or tags becomes another."""
    start = data.find(chance.choice((b",", b">", b"\n")), chance.randrange(len(data)))
    end = min(
        (place for mark in (b",", b"<", b"\r") if (place := data.find(mark, start + 1)) >= 0), default=-1
    )
    return data[: start + 1] + chance.choice(TOKENS) + data[end:] if 0 <= start < end else data


CHANGES: tuple[Change, ...] = (_flip, _noise, _token, _without, _again, _cut, _cell, _cell, _cell)


def _changed(chance: Random, data: bytes) -> bytes:
    for _ in range(chance.randint(1, MOST_CHANGES)):
        if data:
            data = chance.choice(CHANGES)(chance, data)
    return data


def mutated(chance: Random, data: bytes) -> bytes:
    """The file damaged; a ZIP mostly within one of its parts, so that it still opens."""
    if not data.startswith(b"PK") or chance.random() > REPACKED:
        return _changed(chance, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(parts))
    parts[name] = mutated(chance, parts[name])
    return zipped(parts)
