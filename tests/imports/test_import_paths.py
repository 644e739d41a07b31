"""Importing: true counts, whole files, the same store whatever the order, refusals that store nothing."""

from __future__ import annotations

import json
import stat
import zipfile
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shopdata.errors import BadUsage
from shopdata.imports.results import exit_status
from shopdata.imports.run import Progress, import_paths
from shopdata.ingest.client import Parser
from shopdata.store import Store, open_store
from shopdata.store.tables import ENTITIES, imports, orders, rejects, shops
from shopdata.words import words
from tests.imports.conftest import Importer, settings_in
from tests.imports.contents import contents
from tests.imports.shop_files import (
    Line,
    aftersales,
    commissions,
    line_id,
    parcels,
    table,
)
from tests.imports.shop_files import (
    orders as order_file,
)

OCTOBER = [Line(number, day=f"2026-10-{number:02d}") for number in range(1, 21)]


def count(store: Store, name: str) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(ENTITIES[name].table)) or 0


def test_an_order_file_is_counted_row_by_row(bring: Importer, store: Store, tmp_path: Path) -> None:
    (result,) = bring(order_file(tmp_path / "a.csv", OCTOBER))
    assert (result.status, result.format, result.shop) == ("imported", "douyin_orders", "抖店")
    assert (result.rows, result.accepted, result.rejected) == (20, 20, 0)
    assert (result.new, result.updated, result.unchanged) == (20, 0, 0)
    assert count(store, "order_lines") == 20
    with store.read() as connection:
        amounts = connection.execute(select(func.count(), func.sum(orders.c.paid_amount))).one()
    assert tuple(amounts) == (20, 20 * 10_000)


def test_the_document_is_the_contract_s(bring: Importer, tmp_path: Path) -> None:
    bad = Line(21, more=(("主订单编号", "6.92E+18"),))
    (result,) = bring(order_file(tmp_path / "a.csv", [*OCTOBER, bad]))
    document = json.loads(json.dumps(result.as_json()))
    assert list(document) == [
        "file", "sha256", "format", "shop", "status", "rows", "accepted", "rejected", "new", "updated",
        "unchanged", "seconds", "rejects", "warnings", "findings", "error", "effect",
    ]  # fmt: skip
    assert document["file"] == "a.csv"
    assert document["accepted"] + document["rejected"] == document["rows"] == 21
    assert document["new"] + document["updated"] + document["unchanged"] == document["accepted"]
    (reject,) = document["rejects"]
    assert {name: reject[name] for name in ("row", "sheet", "column", "code", "value")} == {
        "row": 22, "sheet": None, "column": "主订单编号", "code": "id_precision_lost", "value": "6.92E+18",
    }  # fmt: skip
    assert "6.92E+18" in reject["message"]
    assert exit_status([result]) == 1


def test_every_reject_is_kept_with_its_cells(bring: Importer, store: Store, tmp_path: Path) -> None:
    bad = [Line(number, more=(("订单应付金额", "much"),)) for number in (31, 32)]
    (result,) = bring(order_file(tmp_path / "a.csv", [*OCTOBER, *bad]))
    with store.read() as connection:
        rows = connection.execute(select(rejects).order_by(rejects.c.row)).all()
    assert [(row.import_id, row.row, row.column, row.code, row.value) for row in rows] == [
        (result.import_id, 22, "订单应付金额", "amount_invalid", "much"),
        (result.import_id, 23, "订单应付金额", "amount_invalid", "much"),
    ]
    assert line_id(31) in json.loads(rows[0].cells)


def test_the_same_bytes_again_do_nothing(bring: Importer, store: Store, tmp_path: Path) -> None:
    path = order_file(tmp_path / "a.csv", OCTOBER)
    bring(path)
    before, version = contents(store), store.version
    copy = tmp_path / "copy.csv"
    copy.write_bytes(path.read_bytes())
    (result,) = bring(copy)
    assert (result.status, result.file, result.new, result.updated) == ("duplicate", "copy.csv", 0, 0)
    assert (contents(store), store.version) == (before, version)
    assert exit_status([result]) == 0


def test_the_same_bytes_twice_in_one_call_are_stored_once(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    path = order_file(tmp_path / "a.csv", OCTOBER)
    (tmp_path / "b.csv").write_bytes(path.read_bytes())
    assert [result.status for result in bring(path, tmp_path / "b.csv")] == ["imported", "duplicate"]
    assert count(store, "order_lines") == 20


def test_an_older_export_later_changes_nothing(bring: Importer, store: Store, tmp_path: Path) -> None:
    new = order_file(tmp_path / "new.csv", [Line(1, "已完成"), Line(2, "已发货")])
    old = order_file(tmp_path / "old.csv", [Line(1, "待发货"), Line(2, "待支付")])
    bring(new)
    before = contents(store)
    (result,) = bring(old)
    assert (result.new, result.updated, result.unchanged) == (0, 0, 2)
    assert contents(store) == before


def test_a_newer_export_updates(bring: Importer, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "old.csv", [Line(1, "待发货"), Line(2, "已完成")]))
    (result,) = bring(order_file(tmp_path / "new.csv", [Line(1, "已完成"), Line(2, "已完成"), Line(3)]))
    assert (result.new, result.updated, result.unchanged) == (1, 1, 1)


def files(folder: Path) -> dict[str, Path]:
    """A batch as a merchant has it: two order files that overlap, and what belongs to them."""
    folder.mkdir()
    return {
        "first": order_file(folder / "first.csv", [Line(number, "待发货") for number in range(1, 9)]),
        "second": order_file(folder / "second.csv", [Line(number, "已完成") for number in range(5, 13)]),
        "aftersales": aftersales(folder / "aftersales.csv", [Line(6), Line(7)]),
        "commissions": commissions(folder / "commissions.csv", [Line(number) for number in range(3, 10)]),
        "parcels": parcels(folder / "parcels.csv", [Line(number) for number in range(5, 13)]),
    }


@pytest.mark.parametrize("every", [50, pytest.param(10, marks=pytest.mark.faults)])
def test_any_order_of_files_gives_the_same_store(every: int, parser: Parser, tmp_path: Path) -> None:
    batch = files(tmp_path / "files")
    seen = []
    sequences = [order for place, order in enumerate(permutations(batch)) if place % every == 0]
    for place, order in enumerate(sequences):
        with open_store(settings_in(tmp_path / f"home{place}")) as one:
            for name in order:
                (result,) = import_paths(one, [batch[name]], parser=parser)
                assert result.status == "imported", result
            seen.append(contents(one))
    with open_store(settings_in(tmp_path / "together")) as one:
        import_paths(one, list(reversed(batch.values())), parser=parser)
        seen.append(contents(one))
    for order, found in zip([*sequences, "together"], seen, strict=True):
        assert found == seen[0], order
    assert len(seen[0]["orders"]) == 12


def test_a_zip_is_a_folder(bring: Importer, store: Store, tmp_path: Path) -> None:
    batch = files(tmp_path / "files")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in batch.values():
            archive.write(path, path.name)
    results = bring(tmp_path / "a.zip")
    assert {result.file for result in results} == {f"a.zip/{path.name}" for path in batch.values()}
    assert {result.status for result in results} == {"imported"}
    assert not list(store.settings.temporary.glob("import-*"))


def test_a_refused_file_leaves_its_neighbours_alone(bring: Importer, store: Store, tmp_path: Path) -> None:
    good = order_file(tmp_path / "good.csv", OCTOBER)
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"a,b\n1,2\n")
    results = bring(bad, good, tmp_path / "missing.csv")
    assert [(result.status, result.error and result.error.code) for result in results] == [
        ("refused", "format_unknown"),
        ("imported", None),
        ("refused", "file_missing"),
    ]
    assert exit_status(results) == 1
    assert [path.name for path in store.settings.uploads.iterdir()] == [results[1].sha256]
    assert all(result.as_json()["error"]["message"] for result in results if result.error)


def test_nothing_stored_is_status_two(bring: Importer, store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    results = bring(tmp_path / "empty.csv")
    assert exit_status(results) == 2
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(imports)) == 0


def test_the_upload_is_kept_for_its_owner_only(bring: Importer, store: Store, tmp_path: Path) -> None:
    path = order_file(tmp_path / "a.csv", OCTOBER)
    (result,) = bring(path)
    kept = store.settings.uploads / str(result.sha256)
    assert kept.read_bytes() == path.read_bytes()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_an_unknown_format_key_is_bad_usage(bring: Importer, tmp_path: Path) -> None:
    with pytest.raises(BadUsage):
        bring(order_file(tmp_path / "a.csv", OCTOBER), format_key="no_such")


def test_progress_ends_with_every_file_done(bring: Importer, tmp_path: Path) -> None:
    told: list[Progress] = []
    batch = files(tmp_path / "files")
    bring(*batch.values(), progress=told.append)
    assert {one.stage for one in told} >= {"reading", "storing", "done"}
    assert (told[-1].files_done, told[-1].files) == (5, 5)
    assert told[-1].rows == 8 + 8 + 2 + 7 + 8


def test_a_fault_in_the_middle_stores_nothing(
    bring: Importer, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shopdata.imports.storing.refresh_orders", broken)
    (result,) = bring(order_file(tmp_path / "a.csv", OCTOBER))
    assert (result.status, result.error and result.error.code) == ("refused", "disk_full")
    assert exit_status([result]) == 3
    assert not list(store.settings.uploads.iterdir())
    assert count(store, "order_lines") == 0
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(shops)) == 0


def test_every_sentence_speaks_both_languages(bring: Importer, tmp_path: Path) -> None:
    bad = Line(21, more=(("订单状态", "飞走了"),))
    (result,) = bring(order_file(tmp_path / "a.csv", [*OCTOBER, bad]))
    for language in ("zh", "en"):
        (warning,) = result.as_json(words(language))["warnings"]
        assert (warning["code"], warning["rows"]) == ("unknown_status", 1)
        assert "飞走了" in warning["message"]


def test_a_table_of_something_else_is_refused(bring: Importer, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table(["城市", "气温"], [{"城市": "广州", "气温": "30"}]))
    (result,) = bring(path)
    assert result.error is not None
    assert result.error.code == "format_unknown"
