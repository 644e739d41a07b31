"""Settlement bills and fund flows in the store: every row once, however exports overlap and in any order."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from shopdata.imports.run import import_paths
from shopdata.imports.undo import undo
from shopdata.ingest.client import Parser
from shopdata.store import Store, open_store
from shopdata.store.tables import FUNDS, SETTLEMENTS
from tests.imports.conftest import Importer, settings_in
from tests.imports.contents import contents
from tests.ingest.money_files import bill_text, entry, flow_text, inflow, outflow, refund

BILLS, FLOWS = SETTLEMENTS.table.c, FUNDS.table.c


def files_of(folder: Path) -> list[Path]:
    """Two bills that share three entries, two flows that share two movements."""
    folder.mkdir()
    texts = {
        "bill1.csv": bill_text([entry(n) for n in range(6)]),
        "bill2.csv": bill_text([*(entry(n) for n in range(3, 9)), refund(4), refund(4)]),
        "flow1.csv": flow_text([*(inflow(n) for n in range(4)), outflow(0, "提现", "200.00")]),
        "flow2.csv": flow_text([*(inflow(n) for n in range(2, 6)), outflow(0, "提现", "200.00")]),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8-sig")
    return [folder / name for name in texts]


def test_overlapping_exports_count_every_row_once(bring: Importer, store: Store, tmp_path: Path) -> None:
    results = bring(*files_of(tmp_path / "files"))
    assert [(one.format, one.new, one.unchanged, one.rejected) for one in results] == [
        ("douyin_settlement", 6, 0, 0),
        ("douyin_settlement", 5, 3, 0),
        ("douyin_funds", 5, 0, 0),
        ("douyin_funds", 2, 3, 0),
    ]
    with store.read() as connection:
        settled = connection.execute(
            select(func.count(), func.sum(BILLS.settled_amount), func.sum(BILLS.platform_fee))
        ).one()
        moved = connection.execute(
            select(FLOWS.direction, func.count(), func.sum(FLOWS.amount))
            .group_by(FLOWS.direction)
            .order_by(FLOWS.direction)
        ).all()
    assert tuple(settled) == (11, (9 - 2) * 7900, (9 - 2) * 533)
    assert [tuple(row) for row in moved] == [("in", 6, 6 * 7863), ("out", 1, 20_000)]


def test_the_order_of_files_does_not_matter_and_undo_is_exact(parser: Parser, tmp_path: Path) -> None:
    files = files_of(tmp_path / "files")
    with open_store(settings_in(tmp_path / "forward")) as one:
        results = import_paths(one, files, parser=parser)
        forward = contents(one)
        undo(one, results[1].import_id or 0, "local", parser=parser)
        undone = contents(one)
    with open_store(settings_in(tmp_path / "backward")) as one:
        import_paths(one, files[::-1], parser=parser)
        assert contents(one) == forward
    with open_store(settings_in(tmp_path / "never")) as one:
        import_paths(one, [files[0], *files[2:]], parser=parser)
        assert contents(one) == undone
