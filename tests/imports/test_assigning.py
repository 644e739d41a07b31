"""A meaning given to a word holds for past rows too: the store is as if it had been there first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from shopdata.abnormal.judging import judge
from shopdata.errors import BadUsage, NotAllowed
from shopdata.imports.assigning import assign
from shopdata.imports.meanings import unknown_words
from shopdata.imports.run import import_paths
from shopdata.ingest.client import Parser
from shopdata.scope import Scope
from shopdata.store import Store, doctor, open_store
from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.tables import AFTERSALES, ORDER_LINES, assignments, audit, imports, metadata, orders
from tests.imports.conftest import Importer, settings_in
from tests.imports.shop_files import Line, aftersales
from tests.imports.shop_files import orders as order_file

OWNER = Scope(user="anna", role="owner")
LINES = ORDER_LINES.table
WORD, AFTER_WORD = "已揽货", "平台处理中"
WORDS = (("douyin", "status", WORD, "shipped"), ("douyin", "aftersale_status", "半退", "refunded"))
PASSING = {"audit", "jobs"}
OF_THE_MOMENT = {"seconds", "effect", "updated", "unchanged", "found_at", "found_import"}


def odd(number: int, *more: tuple[str, str]) -> Line:
    """A line whose times are those of a shipped order and whose status is a word nobody knows."""
    return Line(number, "已发货", more=(("订单状态", WORD), *more))


def files(folder: Path) -> list[Path]:
    """Overlapping files: the word wins, loses, stands in layers, beside after-sales and other words."""
    folder.mkdir()
    no_times = ["支付完成时间", "发货时间", "订单完成时间", "收件人"]
    return [
        order_file(folder / "a.csv", [odd(1), odd(2), Line(3, "待发货"), odd(4, ("售后状态", "半退"))]),
        order_file(folder / "b.csv", [Line(1, "已发货"), odd(3), Line(5)]),
        order_file(folder / "c.csv", [odd(2), odd(6), Line(7)], without=no_times),
        aftersales(folder / "d.csv", [Line(2), Line(6)]),
        order_file(folder / "e.csv", [odd(2), Line(4, "待发货")], without=["流量体裁", "省"]),
    ]


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a person's questions rest on; of the hits those that stand."""
    held = {}
    judge(store)
    with store.read() as connection:
        for table in metadata.sorted_tables:
            if table.name not in PASSING:
                names = [one for one in table.c if one.name not in OF_THE_MOMENT]
                stands = [table.c.gone_at.is_(None)] if table is abnormal_hits else []
                rows = connection.execute(select(*names).where(*stands))
                held[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return held


def given_first(home: Path, paths: list[Path], parser: Parser) -> dict[str, list[tuple[Any, ...]]]:
    with open_store(settings_in(home)) as store:
        with store.write() as connection:
            for platform, field, raw, meaning in WORDS:
                values = {"platform": platform, "field": field, "raw": raw, "meaning": meaning}
                connection.execute(insert(assignments).values(**values))
        import_paths(store, paths, parser=parser)
        return everything(store)


def test_the_store_is_the_same_as_if_the_meaning_had_been_there_before(
    parser: Parser, tmp_path: Path
) -> None:
    paths = files(tmp_path / "files")
    expected = given_first(tmp_path / "before", paths, parser)
    with open_store(settings_in(tmp_path / "after")) as store:
        import_paths(store, paths, parser=parser)
        assert everything(store) != expected
        for word in WORDS:
            assign(store, OWNER, *word, parser=parser)
        found = everything(store)
        assert doctor(store).ok
    for name, rows in expected.items():
        assert found[name] == rows, name


def test_taking_a_meaning_back_leaves_the_store_as_it_was(parser: Parser, tmp_path: Path) -> None:
    paths = files(tmp_path / "files")
    with open_store(settings_in(tmp_path / "home")) as store:
        import_paths(store, paths, parser=parser)
        before = everything(store)
        for word in WORDS:
            assign(store, OWNER, *word, parser=parser)
        assert everything(store) != before
        for platform, field, raw, _ in reversed(WORDS):
            assign(store, OWNER, platform, field, raw, None, parser=parser)
        found = everything(store)
    for name, rows in before.items():
        assert found[name] == rows, name


def test_unknown_words_are_listed_once_with_the_rows_that_carry_them(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(order_file(tmp_path / "a.csv", [odd(1), odd(2)]), order_file(tmp_path / "b.csv", [odd(3), Line(4)]))
    (word,) = unknown_words(store)
    assert (word.platform, word.field, word.raw, word.rows) == ("douyin", "status", WORD, 3)
    assert "shipped" in word.meanings
    assign(store, OWNER, "douyin", "status", WORD, "shipped")
    assert unknown_words(store) == ()


def test_orders_are_rolled_up_and_it_is_audited(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "a.csv", [odd(1), odd(2)], without=["支付完成时间", "发货时间"]))
    with store.read() as connection:
        assert {row.is_paid for row in connection.execute(select(orders.c.is_paid))} == {None}
    done = assign(store, OWNER, "douyin", "status", WORD, "shipped")
    assert done.files == ("a.csv",)
    with store.read() as connection:
        rows = connection.execute(select(orders.c.status, orders.c.is_paid, orders.c.is_shipped)).all()
        assert {tuple(row) for row in rows} == {("shipped", True, True)}
        detail = connection.scalar(select(audit.c.detail).where(audit.c.action == "word_assigned"))
    assert json.loads(str(detail))["word"] == WORD


def test_a_re_export_of_the_same_rows_changes_nothing_afterwards(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(order_file(tmp_path / "a.csv", [odd(1), odd(2)]))
    assign(store, OWNER, "douyin", "status", WORD, "shipped")
    (again,) = bring(order_file(tmp_path / "b.csv", [odd(2), odd(1)]))
    assert (again.new, again.updated, again.unchanged) == (0, 0, 2)


def test_a_word_that_means_a_dispute_makes_disputes(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(aftersales(tmp_path / "d.csv", [Line(2)], status=AFTER_WORD))
    rows = AFTERSALES.table
    for meaning, wanted in (("arbitration", True), (None, False)):
        assign(store, OWNER, "douyin", "status", AFTER_WORD, meaning)
        with store.read() as connection:
            assert connection.scalar(select(rows.c.dispute)) is wanted


def test_without_the_uploads_the_meaning_is_written_into_the_rows(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(order_file(tmp_path / "a.csv", [odd(1), Line(2)], without=["支付完成时间", "发货时间"]))
    with store.read() as connection:
        sha256 = connection.scalar(select(imports.c.sha256))
        before = connection.execute(select(orders)).all()
    (store.settings.uploads / str(sha256)).unlink()
    assert assign(store, OWNER, "douyin", "status", WORD, "shipped").rows_in_place == 1
    with store.read() as connection:
        row = connection.execute(select(LINES).where(LINES.c.status_raw == WORD)).one()
        assert (row.status, row.status_rank, row.paid_by_status) == ("shipped", 3, True)
        shipped = select(orders.c.is_shipped).where(orders.c.order_id == row.order_id)
        assert connection.scalar(shipped) is True
    assign(store, OWNER, "douyin", "status", WORD, None)
    with store.read() as connection:
        assert sorted(connection.execute(select(orders)).all(), key=repr) == sorted(before, key=repr)
    assert doctor(store).ok


def test_only_the_owner_assigns_and_only_what_the_field_can_mean(store: Store) -> None:
    with pytest.raises(NotAllowed):
        assign(store, Scope(user="bert", role="operator"), "douyin", "status", WORD, "shipped")
    with pytest.raises(BadUsage, match="meaning_unknown"):
        assign(store, OWNER, "douyin", "status", WORD, "flown away")
