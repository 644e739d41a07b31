"""What must hold for any file and any order of files: rows add up, order and repetition change nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopdata.errors import Refused
from shopdata.imports.run import import_paths
from shopdata.ingest.client import Parser
from shopdata.orders.export import export_orders
from shopdata.orders.filters import OrderFilter
from shopdata.scope import Scope
from shopdata.store import Store, open_store
from tests.imports.conftest import settings_in
from tests.imports.contents import contents
from tests.imports.shop_files import ORDER_HEADERS, STATES, Line
from tests.imports.shop_files import orders as order_file
from tests.ingest.support import Files
from tests.torture.declaration import Numbers
from tests.torture.making import text
from tests.torture.mutation import TOKENS

HEALTH = list(HealthCheck)
NUMBERS = Numbers(3 * 10**14)
WORDS = [token.decode("utf-8", "replace") for token in TOKENS if len(token) < 200]
cells = st.one_of(st.sampled_from(WORDS), st.text(max_size=8))
damage = st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=6), st.integers(0, 9)), max_size=3)
tables = st.lists(st.dictionaries(st.sampled_from(ORDER_HEADERS), cells, max_size=4), min_size=1, max_size=8)


@settings(max_examples=80, deadline=None, suppress_health_check=HEALTH)
@given(
    tables,
    damage,
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.permutations(ORDER_HEADERS),
)
def test_any_table_in_any_bytes_adds_up_or_is_refused(
    made: list[dict[str, str]], broken: list[tuple[int, bytes, int]], encoding: str, headers: list[str]
) -> None:
    rows = [NUMBERS.row(place) | one for place, one in enumerate(made)]
    data = text(rows, headers).encode("utf-8", "replace").decode().encode(encoding, "replace")
    for place, piece, less in broken:
        data = data[: place % len(data)] + piece + data[place % len(data) + less :]
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder))
        try:
            read = files.parse(files.write(data))
        except Refused:
            return
        stored = read.rows()
    parsed = read.parsed
    rejected = [one.row for one in parsed.rejects]
    assert parsed.accepted + parsed.rejected == parsed.rows
    assert len(stored) + parsed.repeats == parsed.accepted
    assert len(rejected) == len(set(rejected)) == parsed.rejected
    assert not set(rejected) & {row["row"] for row in stored}


lines = st.builds(
    Line,
    number=st.integers(1, 9),
    status=st.sampled_from(list(STATES)),
    day=st.sampled_from(["2026-10-05", "2026-10-06", "2026-10-07"]),
    order=st.sampled_from([0, 0, 100]),
)
truths = st.lists(lines, min_size=1, max_size=12)


def _stored(folder: Path, parser: Parser, files: Sequence[Path]) -> dict[str, list[tuple[object, ...]]]:
    with (
        tempfile.TemporaryDirectory(dir=folder) as home,
        open_store(settings_in(Path(home) / "home")) as store,
    ):
        for path in files:
            (result,) = import_paths(store, [path], parser=parser)
            assert result.status in ("imported", "duplicate")
        return contents(store)


def _any_order(truth: list[Line], cuts: list[int], shuffled: list[int], parser: Parser) -> None:
    """Overlapping pieces of one truth in their order, and in another with one of them twice."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        starts = sorted({0, *(cut % len(truth) for cut in cuts)})
        pieces = [
            order_file(folder / f"{number}.csv", truth[max(0, start - 1) : end])
            for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(truth)], strict=True))
        ]
        order = sorted(range(len(pieces)), key=lambda one: shuffled[one % len(shuffled)])
        other = [pieces[one] for one in (*order, order[0])]
        assert _stored(folder, parser, pieces) == _stored(folder, parser, other)


def _examples(count: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return settings(max_examples=count, deadline=None, suppress_health_check=HEALTH)


pieces = st.lists(st.integers(0, 11), max_size=3)
orders = st.permutations(range(4))


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser()


@_examples(4)
@given(truths, pieces, orders)
def test_pieces_in_any_order_give_the_same_store(
    parser: Parser, truth: list[Line], cuts: list[int], shuffled: list[int]
) -> None:
    _any_order(truth, cuts, shuffled, parser)


@pytest.mark.faults
@_examples(150)
@given(truths, pieces, orders)
def test_many_pieces_in_any_order_give_the_same_store(
    parser: Parser, truth: list[Line], cuts: list[int], shuffled: list[int]
) -> None:
    _any_order(truth, cuts, shuffled, parser)


def _again(truth: list[Line], suffix: str, parser: Parser) -> None:
    """An export read into an empty store gives the same lines and orders."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with open_store(settings_in(folder / "one")) as store:
            import_paths(store, [order_file(folder / "a.csv", truth)], parser=parser)
            exported = export_orders(store, Scope(), OrderFilter(), folder / f"again{suffix}", reveal=True)
            before = _facts(store)
        with open_store(settings_in(folder / "two")) as store:
            (result,) = import_paths(store, [exported.path], parser=parser)
            assert (result.status, result.rejected) == ("imported", 0)
            assert _facts(store) == before


def _facts(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows for name, rows in contents(store).items() if rows}


@_examples(2)
@given(truths)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_an_export_fills_an_empty_store_alike(parser: Parser, suffix: str, truth: list[Line]) -> None:
    _again(truth, suffix, parser)


@pytest.mark.faults
@_examples(60)
@given(truths)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_any_export_fills_an_empty_store_alike(parser: Parser, suffix: str, truth: list[Line]) -> None:
    _again(truth, suffix, parser)
