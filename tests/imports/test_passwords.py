"""Locked workbooks: opened by their name or a password, which no file of the product ever holds."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import select

from shopdata.errors import Refused
from shopdata.imports.archive import Given
from shopdata.imports.preview import inspect
from shopdata.imports.run import import_paths
from shopdata.imports.undo import undo
from shopdata.imports.uploads import sha256_of, upload_path
from shopdata.ingest.client import Parser
from shopdata.ingest.locked import by_file_name, unlock
from shopdata.store import Store
from shopdata.store.tables import orders
from tests.imports.conftest import Importer
from tests.ingest.kuaishou import order
from tests.ingest.locked_files import locked
from tests.ingest.support import Files, table_rows

PASSWORD = "Zq7-\u5bc6-pass"  # noqa: S105  (invented, of this test alone)
OLD = {
    "订单创建时间": "2026-10-20 10:00:00",
    "订单支付时间": "2026-10-20 10:01:00",
    "发货时间": "2026-10-21 09:00:00",
}


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    folder = tmp_path / "plain"
    folder.mkdir()
    rows = [order(number, **OLD, 快递单号=f"7654321098{number:04}") for number in range(3)]
    return Files(folder).xlsx(table_rows(rows))


def everywhere(store: Store, text: str) -> list[Path]:
    """Files of the home folder that hold a text, in either encoding."""
    wanted = (text.encode(), text.encode("utf-16-le"))
    files = (path for path in store.settings.home.rglob("*") if path.is_file())
    return [path for path in files if any(one in path.read_bytes() for one in wanted)]


@pytest.mark.parametrize(
    "name", ["快手订单_a1B2c3.xlsx", "快手订单_a1B2c3 (1).xlsx", "快手订单_a1B2c3(12).xlsx"]
)
def test_the_name_of_the_file_opens_it(bring: Importer, tmp_path: Path, plain: Path, name: str) -> None:
    (result,) = bring(locked(plain, tmp_path / name, "a1B2c3"))
    assert (result.status, result.format, result.accepted) == ("imported", "kuaishou_orders", 3)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("orders_abc123.xlsx", ["abc123"]),
        ("orders_abc123 (1).xlsx", ["abc123", "23 (1)"]),
        ("a.zip/orders_abc123.xlsx", ["abc123"]),
        ("C:\\exports\\orders_abc123.xlsx", ["abc123"]),
        ("短.xlsx", []),
    ],
)
def test_a_name_tells_the_last_six_letters_of_its_stem(name: str, told: list[str]) -> None:
    assert list(by_file_name(name)) == told


def test_without_the_password_it_is_asked_for_and_a_wrong_one_is_said_to_be(
    store: Store, parser: Parser, tmp_path: Path, plain: Path
) -> None:
    file = locked(plain, tmp_path / "orders.xlsx", PASSWORD)
    asked, wrong = (import_paths(store, [file], parser=parser, passwords=given) for given in ((), ("x", "y")))
    assert [one[0].error and one[0].error.code for one in (asked, wrong)] == [
        "password_needed",
        "password_wrong",
    ]
    assert asked[0].sha256 == sha256_of(file)


def test_one_of_several_passwords_opens_it(store: Store, parser: Parser, tmp_path: Path, plain: Path) -> None:
    file = locked(plain, tmp_path / "orders.xlsx", PASSWORD)
    (result,) = import_paths(store, [file], parser=parser, passwords=("x", PASSWORD))
    assert result.status == "imported"


def test_the_same_locked_bytes_are_known_again_and_undone_without_the_password(
    store: Store, parser: Parser, tmp_path: Path, plain: Path
) -> None:
    file = locked(plain, tmp_path / "orders.xlsx", PASSWORD)
    (result,) = import_paths(store, [file], parser=parser, passwords=(PASSWORD,))
    assert result.sha256 == sha256_of(file)
    (again,) = import_paths(store, [file], parser=parser)
    assert again.status == "duplicate"
    undo(store, result.import_id or 0, "local", parser=parser)
    with store.read() as connection:
        assert connection.execute(select(orders)).all() == []


def test_what_is_kept_is_the_plain_file_its_owner_s_alone(
    store: Store, parser: Parser, tmp_path: Path, plain: Path
) -> None:
    file = locked(plain, tmp_path / "orders.xlsx", PASSWORD)
    (result,) = import_paths(store, [file], parser=parser, passwords=(PASSWORD,))
    kept = upload_path(store.settings.uploads, result.sha256 or "")
    assert kept.read_bytes() == plain.read_bytes()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(store.settings.temporary.iterdir()) == []


def test_the_password_is_in_no_file(store: Store, parser: Parser, tmp_path: Path, plain: Path) -> None:
    file = locked(plain, tmp_path / "orders.xlsx", PASSWORD)
    import_paths(store, [file], parser=parser, passwords=("wrong-Zq7", PASSWORD))
    store.seal()
    assert everywhere(store, PASSWORD) == []
    assert everywhere(store, "orders.xlsx") != []


def test_a_locked_file_is_looked_at_by_its_name(
    store: Store, parser: Parser, tmp_path: Path, plain: Path
) -> None:
    file = locked(plain, tmp_path / "orders_a1B2c3.xlsx", "a1B2c3")
    (look,) = inspect(store, file, file_name=file.name, parser=parser)
    assert (look.format, look.rows, look.duplicate) == ("kuaishou_orders", 3, False)
    import_paths(store, [file], parser=parser)
    (look,) = inspect(store, file, file_name=file.name, parser=parser)
    assert look.duplicate


def test_a_locked_file_of_lies_is_refused_not_run(
    store: Store, parser: Parser, tmp_path: Path, plain: Path
) -> None:
    whole = locked(plain, tmp_path / "orders_a1B2c3.xlsx", "a1B2c3").read_bytes()
    lies = {
        "entity": whole.replace(b"<?xml version=", b"<!DOCTYPE a    ", 1),
        "cut": whole[: len(whole) // 2],
    }
    for name, data in lies.items():
        path = tmp_path / f"{name}_a1B2c3.xlsx"
        path.write_bytes(data)
        (result,) = import_paths(store, [Given(path, path.name)], parser=parser)
        assert result.status == "refused", name
        assert result.error is not None
        assert result.error.status == 2, name


def test_a_file_that_asks_for_too_many_rounds_is_refused(
    tmp_path: Path, plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = locked(plain, tmp_path / "orders_a1B2c3.xlsx", "a1B2c3")
    monkeypatch.setattr("shopdata.ingest.locked.MOST_ROUNDS", 99_999)
    with pytest.raises(Refused, match="too_large"):
        unlock(file, tmp_path / "plain.xlsx", file.name, ())
    assert not (tmp_path / "plain.xlsx").exists()
