"""Buyer data whose time is over is gone: from tables, layers, uploads, backups, and the bytes on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import String, func, insert, or_, select, update

from shopdata.errors import BadUsage, NotAllowed, Refused
from shopdata.imports.erasing import is_due, purge
from shopdata.imports.run import import_paths
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.store import Store, backup, doctor, open_store
from shopdata.store.tables import ORDER_LINES, audit, imports, marks, metadata, orders, rejects
from shopdata.store.upkeep_tables import erased_buyers, erasures
from tests.imports.conftest import settings_in
from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file

LONG_AGO, NOW = datetime(2026, 8, 1, 9, 0), datetime(2026, 11, 2, 12, 0)
DAY = "2026-07-05"
PHONE, STREET, NOTE = "13755550001", "金丝雀路九十九号", "请叫金丝雀先生收"
CANARY = (("收件人", "金丝雀先生"), ("收件人手机号", PHONE), ("详细地址", STREET), ("买家留言", NOTE))
YOUNG = (("收件人", "年轻的买家"), ("收件人手机号", "13755550002"))
LINES = ORDER_LINES.table


class Clock:
    """A store whose time can be moved."""

    def __init__(self, home: Path, parser: Parser) -> None:
        self.home, self.parser = home, parser

    def at(self, moment: datetime) -> Store:
        return open_store(replace(settings_in(self.home), fixed_now=moment))

    def bring(self, moment: datetime, *paths: Path) -> None:
        with self.at(moment) as store:
            results = import_paths(store, paths, parser=self.parser)
            assert {one.status for one in results} == {"imported"}, results


@pytest.fixture
def clock(tmp_path: Path, parser: Parser) -> Clock:
    return Clock(tmp_path / "home", parser)


def canaries(folder: Path, number: int = 1, more: int = 6, **options: object) -> Path:
    lines = [Line(number + place, day=DAY, more=CANARY) for place in range(more)]
    return order_file(folder / f"canary{number}.csv", lines, **options)  # type: ignore[arg-type]


def texts_with(store: Store, needle: str) -> Iterator[str]:
    """Every table in whose texts the needle stands: an independent look, column by column."""
    with store.read() as connection:
        for table in metadata.sorted_tables:
            texts = [column for column in table.columns if isinstance(column.type, String)]
            if texts and connection.scalar(
                select(func.count()).select_from(table).where(or_(*(one.contains(needle) for one in texts)))
            ):
                yield table.name


def files_with(home: Path, needle: str) -> list[str]:
    """Every file under the home folder that holds the needle's bytes."""
    wanted = [needle.encode("utf-8"), needle.encode("gb18030")]
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file() and any(one in path.read_bytes() for one in wanted):
            found.append(str(path.relative_to(home)))
    return found


def test_the_canary_is_in_no_table_upload_backup_or_byte(clock: Clock, tmp_path: Path) -> None:
    broken = canaries(tmp_path, 50)
    broken.write_text(broken.read_text("utf-8-sig").replace(f"{DAY} 10:00:00", "yesterday"), "utf-8-sig")
    clock.bring(LONG_AGO, broken, canaries(tmp_path), canaries(tmp_path, 20, without=["街道"]))
    clock.bring(LONG_AGO, canaries(tmp_path, 20, more=3))
    with clock.at(LONG_AGO) as store:
        backup(store, tmp_path / "away.duckdb")
        (clock.home / "backups").mkdir(exist_ok=True)
        old = clock.home / "backups" / "before-0009.duckdb"
        old.write_bytes((tmp_path / "away.duckdb").read_bytes())
        os.utime(old, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
        with store.write() as connection:
            note = {"shop_id": 1, "order_id": "1", "mark": "m", "note": PHONE, "marked_at": LONG_AGO}
            connection.execute(insert(marks).values(note))
        assert {"order_lines", "rejects", "marks"} <= set(texts_with(store, PHONE))
        assert list(texts_with(store, STREET))
    assert {name.split("/")[0] for name in files_with(clock.home, PHONE)} == {
        "uploads",
        "backups",
        "shopdata.duckdb",
    }
    with clock.at(NOW) as store:
        figures = figures_of(store)
        proof = purge(store, date(2026, 9, 1), "anna")
        for needle in (PHONE, STREET, NOTE, "金丝雀"):
            assert list(texts_with(store, needle)) == [], needle
        assert figures_of(store) == figures
        assert doctor(store).ok
    for needle in (PHONE, STREET, NOTE):
        assert files_with(clock.home, needle) == []
    assert not (tmp_path / "away.duckdb").exists()
    assert proof["search"]["found"] == []
    assert proof["search"]["values"] >= 4
    assert len(proof["uploads"]) == 4
    assert {Path(str(one["file"])).name for one in proof["backups"]} == {"away.duckdb", "before-0009.duckdb"}
    assert proof["rows"]["order_lines"] == 12
    with clock.at(NOW) as store:
        assert store.damage == ()


def figures_of(store: Store) -> list[tuple[object, ...]]:
    with store.read() as connection:
        return sorted((tuple(row) for row in connection.execute(select(orders))), key=repr)


def test_province_city_and_a_keyed_hash_stay(clock: Clock, tmp_path: Path) -> None:
    clock.bring(LONG_AGO, canaries(tmp_path))
    with clock.at(NOW) as store:
        purge(store, date(2026, 9, 1), "anna")
        with store.read() as connection:
            assert set(connection.execute(select(LINES.c.province, LINES.c.city))) == {("440000", "440100")}
            hashes = set(connection.scalars(select(erased_buyers.c.buyer_hash)))
            assert connection.scalar(select(func.count()).select_from(erased_buyers)) == 6
    assert len(hashes) == 1
    assert len(hashes.pop()) == 64
    assert (clock.home / "buyers.key").stat().st_mode & 0o777 == 0o600


def test_a_platform_s_buyer_id_gives_way_to_one_hash_in_lines_and_orders(
    clock: Clock, tmp_path: Path
) -> None:
    clock.bring(LONG_AGO, canaries(tmp_path))
    with clock.at(NOW) as store:
        with store.write() as connection:
            connection.execute(update(LINES).values(buyer_id="tb_canary"))
            connection.execute(update(orders).values(buyer_id="tb_canary"))
        purge(store, date(2026, 9, 1), "anna")
        with store.read() as connection:
            (of_lines,) = set(connection.scalars(select(LINES.c.buyer_id)))
            (of_orders,) = set(connection.scalars(select(orders.c.buyer_id)))
        assert of_lines == of_orders
        assert of_lines.startswith("#")
        assert list(texts_with(store, "tb_canary")) == []
    assert files_with(clock.home, "tb_canary") == []


def test_younger_imports_keep_their_buyers_and_can_be_undone(clock: Clock, tmp_path: Path) -> None:
    clock.bring(LONG_AGO, canaries(tmp_path))
    clock.bring(NOW, order_file(tmp_path / "young.csv", [Line(90, day="2026-11-01", more=YOUNG)]))
    with clock.at(NOW) as store:
        purge(store, date(2026, 9, 1), "anna")
        with store.read() as connection:
            kept = connection.execute(select(LINES.c.phone).where(LINES.c.phone.is_not(None))).all()
        assert [row.phone for row in kept] == ["13755550002"]
        undo(store, 2, "anna", parser=clock.parser)
        with pytest.raises(Refused, match="upload_purged"):
            undo(store, 1, "anna", parser=clock.parser)


def test_a_later_file_does_not_bring_back_what_layers_held(clock: Clock, tmp_path: Path) -> None:
    clock.bring(LONG_AGO, canaries(tmp_path))
    narrow = ["收件人", "收件人手机号", "详细地址", "买家留言", "街道", "区"]
    clock.bring(
        NOW, order_file(tmp_path / "narrow.csv", [Line(1, day=DAY), Line(2, day=DAY)], without=narrow)
    )
    with clock.at(NOW) as store:
        assert {"order_lines", "order_lines_layers"} <= set(texts_with(store, PHONE))
        purge(store, date(2026, 9, 1), "anna")
        assert list(texts_with(store, PHONE)) == []
    later = [Line(1, day=DAY, more=(("售后状态", "退款成功"),))]
    clock.bring(NOW, order_file(tmp_path / "narrower.csv", later, without=[*narrow, "流量体裁"]))
    with clock.at(NOW) as store:
        assert list(texts_with(store, PHONE)) == []


def test_a_value_that_a_younger_file_told_stays_in_a_row_of_several_files(
    clock: Clock, tmp_path: Path
) -> None:
    clock.bring(
        LONG_AGO,
        order_file(tmp_path / "old.csv", [Line(1, "待发货", day=DAY, more=CANARY)], without=["详细地址"]),
    )
    with_street = [Line(1, day=DAY, more=(*YOUNG, ("详细地址", "新路一号")))]
    clock.bring(NOW, order_file(tmp_path / "new.csv", with_street, without=["收件人手机号"]))
    with clock.at(NOW) as store:
        purge(store, date(2026, 9, 1), "anna")
        with store.read() as connection:
            row = connection.execute(select(LINES.c.phone, LINES.c.receiver, LINES.c.address)).one()
    assert tuple(row) == (None, "年轻的买家", "新路一号")


def test_rejects_keep_their_reason_and_lose_their_cells(clock: Clock, tmp_path: Path) -> None:
    broken = canaries(tmp_path)
    broken.write_text(broken.read_text("utf-8-sig").replace(f"{DAY} 10:00:00", PHONE), "utf-8-sig")
    clock.bring(LONG_AGO, broken)
    with clock.at(NOW) as store:
        proof = purge(store, date(2026, 9, 1), "anna")
        with store.read() as connection:
            rows = connection.execute(select(rejects)).all()
    assert proof["rows"]["rejects"] == 6
    assert {(row.code, row.value, row.cells) for row in rows} == {("time_invalid", None, None)}


def test_a_purge_is_written_down_and_a_second_one_finds_nothing_to_do(clock: Clock, tmp_path: Path) -> None:
    clock.bring(LONG_AGO, canaries(tmp_path))
    with clock.at(NOW) as store:
        assert is_due(store)
        purge(store, date(2026, 9, 1), "anna")
        assert not is_due(store)
        again = purge(store, date(2026, 9, 1), "anna")
        with store.read() as connection:
            assert connection.scalar(select(func.count()).select_from(erasures)) == 2
            assert connection.scalar(select(func.count()).where(audit.c.action == "purge")) == 2
            assert connection.scalar(select(imports.c.upload_kept)) is False
    assert (again["rows"], again["uploads"], again["store_bytes"]) == ({}, [], None)


def test_a_purge_cut_short_before_the_file_was_rewritten_is_finished_by_the_next(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.bring(LONG_AGO, canaries(tmp_path))
    with clock.at(NOW) as store:

        def cut(*_: object) -> None:
            raise OSError(5, "power cut")

        with monkeypatch.context() as patched:
            patched.setattr(Store, "rewrite", cut)
            with pytest.raises(OSError, match="power cut"):
                purge(store, date(2026, 9, 1), "anna")
        assert is_due(store)
        assert purge(store, date(2026, 9, 1), "anna")["store_bytes"]
    assert files_with(clock.home, PHONE) == []


def test_only_the_owner_purges_and_not_the_future(clock: Clock) -> None:
    with clock.at(NOW) as store:
        with pytest.raises(NotAllowed):
            purge(store, date(2026, 9, 1), "bert", role="operator")
        with pytest.raises(BadUsage, match="purge_in_future"):
            purge(store, date(2027, 1, 1), "anna")
