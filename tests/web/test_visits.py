"""After the figures of a big store have changed, the server opens its own pages, each once."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shopdata.imports.run import import_paths
from shopdata.store import Store
from shopdata.web.state import Opened
from shopdata.web.visits import Visits, visit
from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file
from tests.serving import Server, serving

PAGES = ("overview", "orders")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("visited") / "home") as running:
        yield running


@pytest.fixture
def store(opened: Opened, tmp_path: Path) -> Store:
    import_paths(opened.store, [order_file(tmp_path / "a.csv", [Line(1), Line(2)])])
    return opened.store


def counted(server: Server, asked: list[str]) -> Callable[[], str]:
    """The address of the server; each question for it is written down."""

    def address() -> str:
        asked.append(url := f"http://127.0.0.1:{server.port}")
        return url

    return address


def test_a_visit_sees_the_whole_page(server: Server) -> None:
    assert visit(f"http://127.0.0.1:{server.port}", "overview") > 10
    assert "Traceback" not in server.printed()


def test_each_page_is_opened_once_until_the_figures_change(
    server: Server, store: Store, tmp_path: Path
) -> None:
    asked: list[str] = []
    visits = Visits(store, counted(server, asked), PAGES, least=2)
    for _ in range(4):
        visits.next()
    assert len(asked) == len(PAGES)
    import_paths(store, [order_file(tmp_path / "b.csv", [Line(3)])])
    for _ in range(4):
        visits.next()
    assert len(asked) == 2 * len(PAGES)


def test_a_small_store_is_left_alone(server: Server, store: Store) -> None:
    asked: list[str] = []
    Visits(store, counted(server, asked), PAGES, least=3).next()
    assert asked == []


def test_a_server_that_does_not_answer_is_asked_once(store: Store) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        asked: list[str] = []

        def address() -> str:
            asked.append(url := f"http://127.0.0.1:{nobody.getsockname()[1]}")
            return url

        visits = Visits(store, address, PAGES, least=1)
        for _ in range(3):
            visits.next()
    assert len(asked) == 1
