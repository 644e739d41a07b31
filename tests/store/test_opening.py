"""One owner, one writer, one schema; what is lost is noticed."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Connection, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from shopdata.errors import DiskFull, StoreError, StoreLocked, Unsupported
from shopdata.settings import Settings
from shopdata.store import Store, engine_duckdb, ledger, migrations, open_store
from shopdata.store.tables import ORDER_LINES, OWN, marks, metadata, schema_steps

from .conftest import Bring, line


def mark(connection: Connection, order_id: str = "1") -> None:
    connection.execute(insert(marks).values(shop_id=1, order_id=order_id, mark="priority"))


def marked(store: Store) -> int:
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(marks)).scalar_one())


def test_the_home_is_for_nobody_else(store: Store) -> None:
    home = store.settings.home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.settings.database_file.stat().st_mode) == 0o600


def test_another_process_is_told_who_owns_the_store(store: Store) -> None:
    import os

    script = (
        "import sys; from shopdata.settings import read_settings; from shopdata.store import open_store\n"
        "from shopdata.errors import StoreLocked\n"
        "try: open_store(read_settings({'SHOPDATA_HOME': sys.argv[1]}))\n"
        "except StoreLocked as fault: print(fault.details['holder'])"
    )
    command = [sys.executable, "-c", script, str(store.settings.home)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == str(os.getpid())


def test_the_lock_is_given_back(settings: Settings) -> None:
    with open_store(settings), pytest.raises(StoreLocked):
        open_store(settings)
    open_store(settings).close()


def test_a_store_that_is_not_there_is_not_made_by_a_question(settings: Settings) -> None:
    with pytest.raises(StoreError, match="store_missing"):
        open_store(settings, create=False)


def test_an_unknown_engine_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(Unsupported):
        open_store(Settings(tmp_path, "mysql://somewhere"))


def test_the_schema_is_what_the_tables_declare(store: Store) -> None:
    with store.read() as connection:
        found = inspect(connection)
        for table in metadata.sorted_tables:
            stored = [column["name"] for column in found.get_columns(table.name)]
            assert stored == [column.name for column in table.columns], table.name


def test_a_store_from_the_future_is_left_alone(settings: Settings) -> None:
    with open_store(settings) as store, store.write() as connection:
        connection.execute(insert(schema_steps).values(step="9999_future"))
    with pytest.raises(StoreError, match="store_from_future"):
        open_store(settings)
    settings.lock_file.unlink(missing_ok=True)


def test_a_new_step_is_taken_once_and_the_store_before_it_is_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(settings) as store, store.write() as connection:
        mark(connection)
    more = migrations.Step("0002_later", ("CREATE TABLE later (x INTEGER)", "INSERT INTO later VALUES (1)"))
    known = (*migrations.steps(), more)
    monkeypatch.setattr(migrations, "steps", lambda: known)
    for _ in range(2):
        with open_store(settings) as store:
            with store.read() as connection:
                assert connection.execute(text("SELECT count(*) FROM later")).scalar_one() == 1
            assert marked(store) == 1
    assert [file.name for file in (settings.home / "backups").iterdir()] == ["before-0002_later.duckdb"]


def test_a_store_of_the_first_schema_gets_the_tables_that_came_later(settings: Settings) -> None:
    first = migrations.steps()[0]
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with duckdb.connect(str(settings.database_file)) as connection:
        for statement in first.statements:
            connection.execute(statement)
        connection.execute("INSERT INTO schema_steps (step) VALUES (?)", [first.name])
        connection.execute("INSERT INTO marks (shop_id, order_id, mark) VALUES (1, '1', 'priority')")
    with open_store(settings) as store:
        with store.read() as connection:
            names = set(inspect(connection).get_table_names())
        assert {f"{entity.name}{end}" for entity in OWN for end in ("", "_layers")} <= names
        assert marked(store) == 1


def test_a_step_that_fails_changes_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(settings).close()
    known = migrations.steps()
    bad = migrations.Step("0002_bad", ("CREATE TABLE later (x INTEGER)", "INSERT INTO nowhere VALUES (1)"))
    monkeypatch.setattr(migrations, "steps", lambda: (*known, bad))
    with pytest.raises(DBAPIError):
        open_store(settings)
    monkeypatch.setattr(migrations, "steps", lambda: known)
    with open_store(settings) as store, store.read() as connection:
        assert not inspect(connection).has_table("later")


def test_a_write_is_whole_or_absent_and_moves_the_version_only_for_figures(store: Store) -> None:
    before = store.version

    def broken() -> None:
        with store.write() as connection:
            mark(connection)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert (marked(store), store.version) == (0, before)
    with store.write(figures=False) as connection:
        mark(connection)
    assert (marked(store), store.version) == (1, before)
    with store.write() as connection:
        mark(connection, "2")
    assert store.version > before


def test_writers_wait_for_one_another_and_readers_see_whole_states(store: Store) -> None:
    seen: list[int] = []
    done = threading.Event()

    def write(start: int) -> None:
        for number in range(start, start + 10):
            with store.write() as connection:
                mark(connection, f"{number}a")
                mark(connection, f"{number}b")

    def read() -> None:
        while not done.is_set():
            seen.append(marked(store))

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(start,)) for start in (0, 100, 200)]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert marked(store) == 60
    assert all(number % 2 == 0 for number in seen)
    assert seen == sorted(seen)


def test_the_engine_reads_no_file_outside_its_folder(store: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    with store.read() as connection, pytest.raises(DBAPIError):
        connection.execute(text(f"SELECT * FROM read_csv('{secret}')"))  # noqa: S608 - a test's own path
    with store.read() as connection, pytest.raises(DBAPIError):
        connection.execute(text("SET enable_external_access=true"))


def test_a_dead_instance_is_opened_again(store: Store) -> None:
    with store.write() as connection:
        mark(connection)
    before = store.version
    store.reopen()
    assert marked(store) == 1
    assert store.version > before


@pytest.mark.parametrize("fault", engine_duckdb.OUT_OF_SPACE)
def test_a_full_disk_is_called_one_wherever_it_strikes(
    store: Store, monkeypatch: pytest.MonkeyPatch, fault: type[duckdb.Error]
) -> None:
    monkeypatch.setattr(Store, "has_room", lambda *_: False)

    def broken() -> None:
        with store.write() as connection:
            mark(connection)
            raise fault("No space left on device")

    with pytest.raises(DiskFull):
        broken()
    assert marked(store) == 0


def test_rows_lost_behind_the_stores_back_are_noticed_at_the_next_start(
    settings: Settings, store: Store, bring: Bring
) -> None:
    with store.write() as connection:
        connection.execute(text("INSERT INTO imports (id, shop_id, file_name, sha256, format, kind)"
                                " VALUES (1, 1, 'a.csv', 'x', 'douyin_orders', 'orders')"))  # fmt: skip
    bring([line("1", paid_amount=100), line("2", paid_amount=50)])
    store.seal()
    with store.write() as connection:
        connection.execute(ORDER_LINES.table.delete().where(ORDER_LINES.table.c.line_id == "2"))
    found = {one.figure: (one.expected, one.found) for one in compare(store)}
    assert found == {"order_lines.rows": (2, 1), "order_lines.paid_amount": (150, 100)}


def compare(store: Store) -> tuple[ledger.Damage, ...]:
    with store.read() as connection:
        return ledger.compare(store.settings.home, connection)


def test_a_crash_between_commit_and_log_is_no_damage(store: Store) -> None:
    store.seal()
    with store.write() as connection:
        connection.execute(text("INSERT INTO imports (id, shop_id, file_name, sha256, format, kind)"
                                " VALUES (1, 1, 'a.csv', 'x', 'douyin_orders', 'orders')"))  # fmt: skip
    assert compare(store) == ()
    last = ledger.last_line(store.settings.home)
    assert last is not None
    assert last.imports == 1


def test_a_log_line_cut_short_is_passed_over(store: Store) -> None:
    store.seal()
    with (store.settings.home / ledger.FILE_NAME).open("a", encoding="utf-8") as log:
        log.write(json.dumps({"at": "2026"})[:-3])
    assert ledger.last_line(store.settings.home) is not None


def test_a_sorted_file_is_known_as_sorted(tmp_path: Path) -> None:
    import pyarrow as pa

    for values, ordered in ((range(5000), True), (range(5000, 0, -1), True), ([1, 9, 2, 8, 3] * 500, False)):
        table = pa.table({"placed_at": pa.array(list(values), pa.timestamp("s"))})
        path = tmp_path / "x.arrow"
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
        assert engine_duckdb.is_ordered(path, "placed_at") == ordered


def test_an_import_is_not_called_failed_because_somebody_else_is_at_work(store: Store) -> None:
    with store.engine.connect() as other:
        mark(other)
        store.seal()
        other.rollback()
    store.seal()
