"""Archives that swell, lie, climb out of their folder, or hold what no export holds."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping

from tests.torture.declaration import Case, Make, Numbers, Verdict, refused, taken
from tests.torture.making import book, csv, plain, zipped

UNSAFE, BOMB, DAMAGED = refused("unsafe_archive"), refused("archive_bomb"), refused("archive_damaged")
TWO = taken(2)


def _with(name: str) -> Make:
    """A good member beside one of this name."""
    return lambda n: zipped({"ok.csv": csv(n.rows(2)), name: csv(n.rows(2))})


def _renamed(name: bytes) -> Make:
    """A good archive whose member's name is replaced byte by byte."""
    return lambda n: zipped({"?" * len(name): csv(n.rows(2))}).replace(b"?" * len(name), name)


def _link(numbers: Numbers) -> bytes:
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def _twice(numbers: Numbers) -> bytes:
    """Two members of one name: which one counts would be chance."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)
        archive.writestr("a.csv", csv(numbers.rows(2)))
        archive.writestr("a.csv", csv(numbers.rows(1)))
    return out.getvalue()


def _declared(change: Callable[[zipfile.ZipInfo], int]) -> Make:
    """The size of a member is declared otherwise than it is."""

    def make(numbers: Numbers) -> bytes:
        data = zipped({"a.csv": csv(numbers.rows(200))})
        info = zipfile.ZipFile(io.BytesIO(data)).infolist()[0]
        return data.replace(struct.pack("<I", info.file_size), struct.pack("<I", change(info)))

    return make


def _flag(numbers: Numbers) -> bytes:
    """The member says that it is encrypted."""
    data = bytearray(zipped({"a.csv": csv(numbers.rows(2))}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def _method(numbers: Numbers) -> bytes:
    """A way of packing that nobody knows."""
    data = bytearray(zipped({"a.csv": csv(numbers.rows(2))}))
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(mark) + offset] = 99
    return bytes(data)


def _overlapping(numbers: Numbers) -> bytes:
    """A thousand entries of the directory that share the bytes of one member."""
    data = zipped({"aaaa.csv": bytes(1 << 20)})
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = [data[start:end].replace(b"aaaa.csv", f"{n:04d}.csv".encode()) for n in range(1_000)]
    directory = b"".join(entries)
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1_000, 1_000, len(directory), start, 0)
    return data[:start] + directory + tail


def _bad_crc(numbers: Numbers) -> bytes:
    """One member of two whose bytes are not those that were packed."""
    data = bytearray(
        zipped({"a.csv": csv(numbers.rows(2)), "b.csv": csv(numbers.rows(2))}, zipfile.ZIP_STORED)
    )
    data[data.index("羊毛".encode())] ^= 1
    return bytes(data)


def _many(names: Mapping[str, Verdict]) -> Make:
    return lambda n: zipped({name: csv(n.rows(2, 2 * k)) for k, name in enumerate(names)})


def _nested(depth: int) -> Make:
    def make(numbers: Numbers) -> bytes:
        data = csv(numbers.rows(2))
        for level in range(depth):
            data = zipped({f"{level}.zip" if level else "a.csv": data})
        return zipped({"inner.zip": data, "ok.csv": csv(numbers.rows(2))})

    return make


def _million(numbers: Numbers) -> bytes:
    """A directory that claims entries beyond counting, in 64 bits."""
    tail = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**9, 10**9, 1 << 40, 4)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 4, 1)
    return (
        b"PK\x03\x04"
        + tail
        + locator
        + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    )


BESIDE = {"a.csv": TWO, "b/c.csv": TWO, "订单/十月.csv": TWO}
CASES: tuple[Case, ...] = (
    plain("zip-of-folders", _many(BESIDE), BESIDE, "zip"),
    plain(
        "zip-of-workbook-and-csv",
        lambda n: zipped({"a.xlsx": book(n.rows(2)), "b.csv": csv(n.rows(2, 2))}),
        {"a.xlsx": TWO, "b.csv": TWO},
        "zip",
    ),
    plain("zip-of-nothing", lambda _: zipped({}), refused("empty_file"), "zip"),
    plain("zip-of-an-empty-file", lambda _: zipped({"a.csv": b""}), {"a.csv": refused("empty_file")}, "zip"),
    plain(
        "zip-of-pictures",
        lambda _: zipped({"a.png": b"\x89PNG", "b.pdf": b"%PDF"}),
        refused("empty_file"),
        "zip",
    ),
    plain("zip-bomb-by-ratio", lambda _: zipped({"a.csv": bytes(80 << 20)}), BOMB, "zip"),
    plain("zip-bomb-of-many-files", lambda _: zipped({f"{n}.csv": b"" for n in range(2_001)}), BOMB, "zip"),
    plain("zip-bomb-that-overlaps", _overlapping, BOMB, "zip"),
    plain("zip-in-zip", _nested(1), {"inner.zip": UNSAFE, "ok.csv": TWO}, "zip"),
    plain("zip-in-zip-in-zip", _nested(6), {"inner.zip": UNSAFE, "ok.csv": TWO}, "zip"),
    plain("zip-declares-too-little", _declared(lambda _: 100), {"a.csv": DAMAGED}, "zip"),
    plain("zip-declares-four-gigabytes", _declared(lambda _: 2**32 - 2), BOMB, "zip"),
    plain("zip-climbs-up", _with("../../a.csv"), UNSAFE, "zip"),
    plain("zip-climbs-up-backwards", _with("..\\..\\a.csv"), UNSAFE, "zip"),
    plain("zip-with-a-root", _with("/etc/cron.d/a.csv"), UNSAFE, "zip"),
    plain("zip-with-a-drive", _with("C:\\a.csv"), UNSAFE, "zip"),
    plain("zip-with-nul-in-a-name", _renamed(b"a\x00.csv"), UNSAFE, "zip"),
    plain("zip-with-line-end-in-a-name", _renamed(b"a\n.csv"), UNSAFE, "zip"),
    plain("zip-with-a-link", _link, UNSAFE, "zip"),
    plain("zip-with-one-name-twice", _twice, UNSAFE, "zip"),
    plain("zip-with-a-password", _flag, {"a.csv": refused("password_needed")}, "zip"),
    plain("zip-packed-in-an-unknown-way", _method, {"a.csv": DAMAGED}, "zip"),
    plain("zip-with-bad-crc", _bad_crc, {"a.csv": DAMAGED, "b.csv": TWO}, "zip"),
    plain("zip-cut-off", lambda n: zipped({"a.csv": csv(n.rows(50))})[:-40], DAMAGED, "zip"),
    plain(
        "zip-without-its-beginning",
        lambda n: zipped({"a.csv": csv(n.rows(50))})[90:],
        refused("not_a_table"),
        "zip",
    ),
    plain("zip-with-a-gbk-name", _renamed("订单.csv".encode("gbk")), {"订单.csv": TWO}, "zip"),
    plain(
        "zip-packed-by-bzip2",
        lambda n: zipped({"a.csv": csv(n.rows(2))}, zipfile.ZIP_BZIP2),
        {"a.csv": TWO},
        "zip",
    ),
    plain(
        "zip-packed-by-lzma",
        lambda n: zipped({"a.csv": csv(n.rows(2))}, zipfile.ZIP_LZMA),
        {"a.csv": TWO},
        "zip",
    ),
    plain("zip-of-a-million-names", _million, BOMB, "zip"),
)
