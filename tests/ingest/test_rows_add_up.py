"""Whatever a file holds: every row is accepted or rejected, and an accepted one holds exactly its cells."""

import csv
import io
import re
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.support import Files, order

amounts = st.one_of(
    st.decimals(0, 99999, places=2).map(str),
    st.decimals(0, 9, places=3).map(str),
    st.sampled_from(["-", "", "¥1,299.90", "-1.00", "NaN", "abc", "1e309", "5,00"]),
)
ids = st.one_of(
    # A file full of ids that end in zeros is one Excel has rounded: refused, and tested elsewhere.
    st.integers(10**18, 9 * 10**18).map(str).filter(lambda one: not one.endswith("0000")),
    st.sampled_from(["", "-", "6.92E+18", "合计", "'6917926768823643999", "6917926768823643999\t"]),
)
notes = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "子订单编号": ids,
            "订单应付金额": amounts,
            "商品数量": st.sampled_from(["1", "2", "0", "1.5", "-"]),
            "买家留言": notes,
        }
    ),
    min_size=1,
    max_size=12,
)


def is_amount(text: str) -> bool:
    return text in ("-", "", "¥1,299.90") or bool(re.fullmatch(r"\d+\.\d\d0*", text))


def is_good(row: dict[str, str]) -> bool:
    whole_id = re.fullmatch(r"\d{19}", row["子订单编号"].strip("'\t"))
    return bool(whole_id) and is_amount(row["订单应付金额"]) and row["商品数量"] in ("1", "2", "-")


def fen(text: str) -> int | None:
    return None if text in ("-", "") else int(Decimal(text.strip("¥").replace(",", "")) * 100)


def examples(count: int) -> settings:
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


@examples(60)
@given(rows)
def test_accepted_and_rejected_rows_make_the_file(made: list[dict[str, str]]) -> None:
    make_the_file(made)


@pytest.mark.faults
@examples(600)
@given(rows)
def test_accepted_and_rejected_rows_make_every_file(made: list[dict[str, str]]) -> None:
    make_the_file(made)


def make_the_file(made: list[dict[str, str]]) -> None:
    full = [order(place, **cells) for place, cells in enumerate(made)]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(full[0]))
    writer.writeheader()
    writer.writerows(full)
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder))
        read = files.parse(files.write(out.getvalue()))
        parsed = read.parsed
        stored = {row["row"]: row for row in read.rows()}
    expected = {place + 2: row for place, row in enumerate(full) if is_good(row)}
    conflicting = {one.row for one in parsed.rejects if one.code == "conflicting_duplicate"}
    assert parsed.rows == len(full)
    assert parsed.accepted + parsed.rejected == parsed.rows
    assert {one.row for one in parsed.rejects} - conflicting == set(range(2, len(full) + 2)) - expected.keys()
    assert len(stored) + parsed.repeats + len(conflicting) == len(expected)
    for number, row in stored.items():
        cells = expected[number]
        assert row["payable_amount"] == fen(cells["订单应付金额"])
        assert row["line_id"] == cells["子订单编号"].strip("'\t")
        assert row["quantity"] == (None if cells["商品数量"] == "-" else int(cells["商品数量"]))
