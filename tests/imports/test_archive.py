"""Folders and archives become files; what no honest archive holds is refused with its own code."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from shopdata.imports.archive import ArchiveLimits, Found, expand

TABLE = "主订单编号,订单状态,订单提交时间\n1,已完成,2026-10-01 10:00:00\n".encode()


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def found(path: Path, tmp_path: Path, limits: ArchiveLimits | None = None) -> dict[str, Found]:
    return {item.name: item for item in expand([path], tmp_path / "work", limits)}


def code(item: Found) -> str | None:
    return item.refusal.code if item.refusal else None


def test_members_are_named_by_archive_and_path(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"b.csv": TABLE, "sub/c.csv": TABLE})
    items = found(path, tmp_path)
    assert list(items) == ["a.zip/b.csv", "a.zip/sub/c.csv"]
    assert all(item.path.read_bytes() == TABLE and item.owned for item in items.values())
    assert {stat.S_IMODE(item.path.stat().st_mode) for item in items.values()} == {0o600}


def test_what_stands_beside_exports_is_skipped(tmp_path: Path) -> None:
    names = ["__MACOSX/._b.csv", ".DS_Store", "~$b.xlsx", "Thumbs.db", "readme.md", "sub/.hidden", "b.csv"]
    assert list(found(zipped(tmp_path / "a.zip", dict.fromkeys(names, TABLE)), tmp_path)) == ["a.zip/b.csv"]


def test_a_gbk_member_name_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"????.csv": TABLE})
    path.write_bytes(path.read_bytes().replace(b"????", "订单".encode("gbk")))
    assert list(found(path, tmp_path)) == ["a.zip/订单.csv"]


def test_a_folder_is_walked_in_name_order(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    for name in ("b.csv", "a.csv", "sub/c.csv", ".git/d.csv", "expected.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(TABLE)
    zipped(folder / "z.zip", {"e.csv": TABLE})
    assert list(found(folder, tmp_path)) == ["a.csv", "b.csv", "z.zip/e.csv", "sub/c.csv"]


def test_a_workbook_is_one_file(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    assert found(path, tmp_path) == {"a.xlsx": Found("a.xlsx", path)}


def test_a_truncated_workbook_is_left_to_the_reader(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", {"[Content_Types].xml": os.urandom(9000)})
    path.write_bytes(path.read_bytes()[:5000])
    assert found(path, tmp_path) == {"a.xlsx": Found("a.xlsx", path)}


@pytest.mark.parametrize("name", ["../b.csv", "/etc/b.csv", "a/../../b.csv", "C:/b.csv", "..\\b.csv", "a\tb"])
def test_a_path_out_of_the_archive_is_unsafe(name: str, tmp_path: Path) -> None:
    items = found(zipped(tmp_path / "a.zip", {"ok.csv": TABLE, name: TABLE}), tmp_path)
    assert [(item.name, code(item)) for item in items.values()] == [("a.zip", "unsafe_archive")]


def test_a_link_in_an_archive_is_unsafe(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("b.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert code(found(tmp_path / "a.zip", tmp_path)["a.zip"]) == "unsafe_archive"


def test_an_archive_in_an_archive_is_refused_and_its_neighbours_are_not(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"b.csv": TABLE}).read_bytes()
    items = found(zipped(tmp_path / "a.zip", {"inner.zip": inner, "c.csv": TABLE}), tmp_path)
    assert {name: code(item) for name, item in items.items()} == {
        "a.zip/c.csv": None,
        "a.zip/inner.zip": "unsafe_archive",
    }


def test_a_bomb_is_seen_by_its_ratio_before_anything_is_written(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"b.csv": bytes(80 << 20)})
    assert code(found(path, tmp_path)["a.zip"]) == "archive_bomb"
    assert not (tmp_path / "work").exists()


def test_declared_size_and_entry_count_are_bounded(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{n}.csv": TABLE for n in range(5)})
    assert code(found(path, tmp_path, ArchiveLimits(entries=4))["a.zip"]) == "archive_bomb"
    assert code(found(path, tmp_path, ArchiveLimits(inflated=100))["a.zip"]) == "archive_bomb"


def test_a_member_that_inflates_beyond_what_it_declared_is_damaged(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"b.csv": TABLE * 1000})
    data, real = path.read_bytes(), (len(TABLE) * 1000).to_bytes(4, "little")
    path.write_bytes(data.replace(real, (100).to_bytes(4, "little")))
    assert code(found(path, tmp_path)["a.zip/b.csv"]) == "archive_damaged"
    assert (tmp_path / "work" / "member-0").stat().st_size <= 100


def test_a_truncated_archive_is_damaged(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"b.csv": TABLE})
    path.write_bytes(path.read_bytes()[:-30])
    assert code(found(path, tmp_path)["a.zip"]) == "archive_damaged"


def test_a_flipped_byte_refuses_its_member_only(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"b.csv": os.urandom(4000), "c.csv": TABLE})
    data = bytearray(path.read_bytes())
    data[2000] ^= 0xFF
    path.write_bytes(bytes(data))
    assert {name: code(item) for name, item in found(path, tmp_path).items()} == {
        "a.zip/b.csv": "archive_damaged",
        "a.zip/c.csv": None,
    }


def test_an_encrypted_member_asks_for_its_password(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"b.csv": TABLE})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(bytes(data))
    assert code(found(path, tmp_path)["a.zip/b.csv"]) == "password_needed"


def test_an_empty_archive_is_an_empty_file(tmp_path: Path) -> None:
    assert code(found(zipped(tmp_path / "a.zip", {}), tmp_path)["a.zip"]) == "empty_file"


def test_a_missing_file_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert code(found(tmp_path / "none.csv", tmp_path)["none.csv"]) == "file_missing"
    assert code(found(tmp_path / "pipe.csv", tmp_path)["pipe.csv"]) == "not_a_table"
