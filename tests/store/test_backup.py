"""A backup holds what the store holds; a restore puts it back or changes nothing."""

import hashlib
import stat
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from shopdata.errors import StoreDamaged, StoreError, StoreLocked
from shopdata.settings import Settings, read_settings
from shopdata.store import backup, doctor, open_store, restore
from shopdata.store.case_tables import evidence
from shopdata.store.tables import marks
from shopdata.words import words


def settings(home: Path) -> Settings:
    return read_settings({"SHOPDATA_HOME": str(home)})


def count_marks(one: Settings) -> int:
    with open_store(one) as store, store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(marks)).scalar_one())


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Settings, Path]:
    one, target = settings(tmp_path / "home"), tmp_path / "shop.duckdb"
    with open_store(one) as store:
        with store.write() as connection:
            connection.execute(insert(marks).values(shop_id=1, order_id="1", mark="priority"))
        store.seal()
        backup(store, target)
    return one, target


def test_a_backup_restores_into_an_empty_home(saved: tuple[Settings, Path], tmp_path: Path) -> None:
    _, target = saved
    other = settings(tmp_path / "other")
    assert restore(other, target) is None
    assert count_marks(other) == 1


def test_a_restore_keeps_the_store_that_was_there(saved: tuple[Settings, Path]) -> None:
    one, target = saved
    with open_store(one) as store, store.write() as connection:
        connection.execute(insert(marks).values(shop_id=1, order_id="2", mark="priority"))
    kept = restore(one, target)
    assert kept is not None
    assert kept.exists()
    assert count_marks(one) == 1


def test_a_damaged_backup_changes_nothing(saved: tuple[Settings, Path]) -> None:
    one, target = saved
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(bytes(content))
    with pytest.raises(StoreDamaged):
        restore(one, target)
    assert count_marks(one) == 1


def test_a_backup_without_its_manifest_is_not_restored(saved: tuple[Settings, Path]) -> None:
    one, target = saved
    target.with_name(target.name + ".manifest.json").unlink()
    with pytest.raises(StoreError, match="backup_no_manifest"):
        restore(one, target)


def test_an_open_store_is_not_restored_over(saved: tuple[Settings, Path]) -> None:
    one, target = saved
    with open_store(one), pytest.raises(StoreLocked):
        restore(one, target)


def test_the_doctor_finds_an_order_that_no_line_explains(saved: tuple[Settings, Path]) -> None:
    from shopdata.store.tables import orders

    one, _ = saved
    with open_store(one) as store:
        assert doctor(store).ok
        with store.write() as connection:
            row = {"shop_id": 1, "order_id": "1", "platform": "douyin", "currency": "CNY"}
            connection.execute(insert(orders), [row, row])
        found = {check.key: check.wrong for check in doctor(store).checks}
        assert found["unique_orders"] == 1
        assert found["logged"]


@pytest.fixture
def with_evidence(saved: tuple[Settings, Path], tmp_path: Path) -> tuple[Settings, Path, Path]:
    """A home with a file attached to a case, and its backup."""
    one, target = saved[0], tmp_path / "with.duckdb"
    data = b"%PDF-1.4 what somebody attached %%EOF"
    name = hashlib.sha256(data).hexdigest()
    with open_store(one) as store:
        (one.evidence / name).write_bytes(data)
        values = {"id": 1, "case_id": 1, "kind": "pdf", "size": len(data), "added_at": datetime(2026, 11, 1)}
        with store.write() as connection:
            connection.execute(insert(evidence).values(values | {"sha256": name, "given_sha256": name}))
        assert doctor(store).ok
        made = backup(store, target)
    assert made.attachments is not None
    return one, target, made.attachments


def test_a_backup_brings_attached_files_and_a_restore_puts_them_back(
    with_evidence: tuple[Settings, Path, Path], tmp_path: Path
) -> None:
    one, target, beside = with_evidence
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    other = settings(tmp_path / "other")
    restore(other, target)
    (original,), (copy,) = list(one.evidence.iterdir()), list(other.evidence.iterdir())
    assert (copy.name, copy.read_bytes()) == (original.name, original.read_bytes())
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with open_store(other) as store:
        assert doctor(store).ok


def test_a_restore_keeps_the_attached_files_that_were_there(
    with_evidence: tuple[Settings, Path, Path], saved: tuple[Settings, Path]
) -> None:
    one, _, _ = with_evidence
    (name,) = [path.name for path in one.evidence.iterdir()]
    kept = restore(one, saved[1])
    assert kept is not None
    assert list(one.evidence.iterdir()) == []
    with zipfile.ZipFile(kept.with_name(kept.name + ".evidence.zip")) as archive:
        assert archive.namelist() == [name]


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_backup_whose_attached_files_are_not_whole_is_not_restored(
    with_evidence: tuple[Settings, Path, Path], tmp_path: Path, damage: str
) -> None:
    _, target, beside = with_evidence
    if damage == "missing":
        beside.unlink()
    else:
        beside.write_bytes(beside.read_bytes()[:-1] + b"x")
    other = settings(tmp_path / "other")
    with pytest.raises(StoreDamaged, match="backup_damaged"):
        restore(other, target)
    assert not other.home.exists()


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_the_doctor_finds_an_attached_file_that_is_not_what_it_was(
    with_evidence: tuple[Settings, Path, Path], damage: str
) -> None:
    one, _, _ = with_evidence
    (path,) = one.evidence.iterdir()
    path.unlink() if damage == "missing" else path.write_bytes(b"%PDF another")
    with open_store(one) as store:
        found = doctor(store)
    (check,) = [check for check in found.checks if check.key == "attached"]
    assert not found.ok
    assert (check.looked_at, check.wrong) == (1, 1)
    assert "1" in check.sentence(words("zh"))
