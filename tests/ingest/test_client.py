"""The child process: warm, limited, replaceable, and silent about what it reads."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from shopdata.errors import Refused
from shopdata.ingest.client import Parser
from shopdata.ingest.results import Limits, Parsed, parsed_from_json
from tests.ingest.support import NOW, Files, order


def parse(parser: Parser, path: Path, out: Path, limits: Limits | None = None, **more: object) -> Parsed:
    return parser.parse(
        path,
        out,
        file_name=path.name,
        format_key=None,
        now=NOW,
        assignments={},
        limits=limits or Limits(),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def parser() -> object:
    with Parser() as made:
        yield made


def test_the_child_gives_what_the_parser_gives(files: Files, parser: Parser) -> None:
    rows = [order(0), order(1, 订单应付金额="多"), order(2, 订单状态="神游中")]
    path = files.orders(*rows)
    seen: list[tuple[int, int]] = []
    ours = parse(
        parser, path, files.folder / "child", progress=lambda done, total: seen.append((done, total))
    )
    inside = files.parse(path).parsed
    assert replace(ours, tables={}, rejects_path=None) == replace(inside, tables={}, rejects_path=None)
    assert ours.tables["order_lines"].path == files.folder / "child" / "order_lines.arrow"
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_a_result_survives_its_journey_as_json(files: Files) -> None:
    parsed = files.parse(files.orders(order(0), order(1, 商品数量="0")), preview=True).parsed
    assert replace(parsed_from_json(parsed.as_json()), preview_rows=()) == replace(parsed, preview_rows=())


def test_one_child_serves_many_files_and_outlives_a_refusal(files: Files, parser: Parser) -> None:
    path = files.orders(order(0))
    parse(parser, path, files.folder / "a")
    first = parser._child and parser._child.pid
    with pytest.raises(Refused, match="not_a_table"):
        parse(parser, files.write(b"%PDF-1.7", "x.csv"), files.folder / "b")
    parse(parser, path, files.folder / "c")
    assert parser._child is not None
    assert parser._child.pid == first


def test_a_refusal_brings_its_details(files: Files, parser: Parser) -> None:
    with pytest.raises(Refused) as refusal:
        parse(parser, files.write("主订单编号,子订单编号,订单提交时间\n1,2,3\n"), files.folder / "a")
    assert refusal.value.code == "column_missing"
    assert "订单状态" in str(refusal.value.details["column"])


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read(files: Files, parser: Parser) -> None:
    path = files.orders(*(order(n) for n in range(200)))
    started = time.monotonic()
    with pytest.raises(Refused, match="too_large"):
        parse(parser, path, files.folder / "a", Limits(seconds=0.001))
    assert time.monotonic() - started < 10
    assert parse(parser, path, files.folder / "b").rows == 200


def test_a_file_beyond_the_memory_limit_is_refused_and_the_next_is_read(files: Files, parser: Parser) -> None:
    rows = [order(n, 买家留言="长" * 3000) for n in range(4000)]
    path = files.orders(*rows)
    with pytest.raises(Refused, match="too_large"):
        parse(parser, path, files.folder / "a", Limits(memory=330 << 20))
    assert parse(parser, files.orders(order(0), name="b.csv"), files.folder / "b").rows == 1


def test_a_child_that_was_killed_is_replaced(files: Files, parser: Parser) -> None:
    path = files.orders(order(0))
    parse(parser, path, files.folder / "a")
    assert parser._child is not None
    os.kill(parser._child.pid, 9)
    parser._child.wait()
    assert parse(parser, path, files.folder / "b").rows == 1


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_file(files: Files, parser: Parser) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    out = files.folder / "locked"
    out.mkdir(mode=0o500)
    with pytest.raises(Refused, match="no_permission"):
        parse(parser, files.orders(order(0)), out)


def test_the_child_knows_nothing_of_our_environment(
    files: Files, parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPDATA_SECRET", "x")
    parse(parser, files.orders(order(0)), files.folder / "a")
    assert parser._child is not None
    if (environment := Path(f"/proc/{parser._child.pid}/environ")).exists():
        assert b"SHOPDATA_SECRET" not in environment.read_bytes()
