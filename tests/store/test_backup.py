"""A backup holds what the store holds; a restore puts it back or changes nothing."""

from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from shopdata.errors import StoreDamaged, StoreError, StoreLocked
from shopdata.settings import Settings, read_settings
from shopdata.store import backup, doctor, open_store, restore
from shopdata.store.tables import marks


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
