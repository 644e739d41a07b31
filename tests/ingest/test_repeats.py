"""One key, one row: identical repeats change nothing, of differing ones the newest stays."""

import numpy as np
import pyarrow as pa
import pytest

from shopdata.ingest.hashing import hash_column, row_hashes
from tests.ingest.support import Files, order


def test_identical_repeats_are_accepted_and_stored_once(files: Files) -> None:
    read = files.read(order(0), order(1), order(0), order(0))
    assert read.counts == (4, 4, 0)
    assert read.parsed.repeats == 2
    assert len(read.rows()) == 2


def test_of_differing_repeats_the_newest_event_stays(files: Files) -> None:
    old = order(0, 订单状态="待发货", 发货时间="-")
    for rows in ([old, order(0)], [order(0), old]):
        read = files.read(*rows)
        assert read.counts == (2, 1, 1)
        assert read.row["status"] == "shipped"
        assert read.rejects == [(2 + rows.index(old), "conflicting_duplicate", "子订单编号")]
        assert read.parsed.rejects[0].value == old["子订单编号"]


def test_at_the_same_time_the_more_advanced_status_stays(files: Files) -> None:
    read = files.read(order(0, 订单状态="已完成"), order(0, 订单状态="已发货"))
    assert read.row["status"] == "completed"


def test_at_a_tie_the_same_row_stays_whatever_the_order(files: Files) -> None:
    one, two = order(0, 商家备注="甲"), order(0, 商家备注="乙")
    assert files.read(one, two).row["seller_note"] == files.read(two, one).row["seller_note"]


def test_repeats_far_apart_are_found_and_their_cells_kept(files: Files) -> None:
    rows = [order(n) for n in range(500)]
    rows.append(order(3, 订单应付金额="80.00", 订单状态="待发货"))
    rows.append(order(4))
    read = files.read(*rows)
    assert read.counts == (502, 501, 1)
    assert read.parsed.repeats == 1
    assert len(read.rows()) == 500
    with pa.OSFile(str(read.parsed.rejects_path)) as file:
        (reject,) = pa.ipc.open_file(file).read_all().to_pylist()
    assert '"80.00"' in reject["cells"]


def test_a_file_joined_to_itself_is_the_file_once(files: Files) -> None:
    rows = [order(n) for n in range(3000)]
    read = files.read(*rows, *rows)
    assert (read.counts, read.parsed.repeats) == ((6000, 6000, 0), 3000)
    assert len(set(read.column("line_id"))) == len(read.rows()) == 3000


def test_a_rejected_repeat_does_not_date_the_file(files: Files) -> None:
    read = files.read(order(0), order(1, 发货时间="2026-12-24 00:00:00"))
    assert read.parsed.as_of == files.read(order(0)).parsed.as_of


def test_a_hash_depends_on_values_and_names_only(files: Files) -> None:
    rows = [order(n, 商家备注=f"备注{n}") for n in range(50)]
    forward = {row["line_id"]: row["row_hash"] for row in files.read(*rows).rows()}
    rows = rows[::2] + rows[1::2]
    backward = {
        row["line_id"]: row["row_hash"]
        for row in files.read(*(dict(reversed(r.items())) for r in rows)).rows()
    }
    assert forward == backward
    assert len(set(forward.values())) == 50
    assert all(0 <= value < 2**63 for value in forward.values())


def test_hashes_are_the_same_in_every_version() -> None:
    columns = {"a": pa.array(["甲", None, ""]), "b": pa.array([1, 2, None])}
    assert row_hashes(columns, 3).tolist() == [8154503800640678874, 7187166340434495116, 3466615406424031086]


@pytest.mark.parametrize("values", [["a", "b", None, "a", "", "长文本" * 50], [None, None], ["x"]])
def test_a_text_hashes_alike_in_every_arrangement(values: list[str | None]) -> None:
    plain = pa.array(values, pa.string())
    assert np.array_equal(hash_column(plain), hash_column(plain.dictionary_encode()))
    padded = pa.array(["vor", *values, "nach"], pa.string()).slice(1, len(values))
    assert np.array_equal(hash_column(plain), hash_column(padded))
