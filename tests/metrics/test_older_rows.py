"""Reading no rows older than the orders of a period changes none of its figures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from shopdata.metrics import cache, query
from shopdata.metrics.table import metric_table
from shopdata.scope import Basis, Scope
from shopdata.settings import read_settings
from shopdata.store import Store, open_store

OTHERS = (("placed", "product"), ("paid", "influencer"), ("paid", "province"), ("event", "source"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, sample_home: Path) -> Iterator[Store]:
    home = tmp_path_factory.mktemp("older") / "home"
    shutil.copytree(sample_home, home)
    with open_store(read_settings({"SHOPDATA_HOME": str(home)})) as opened:
        yield opened


@pytest.mark.parametrize(
    ("basis", "by"),
    [
        ("placed", "source"),
        ("paid", "product"),
        ("event", "influencer"),
        *(pytest.param(*other, marks=pytest.mark.faults) for other in OTHERS),
    ],
)
def test_a_period_by_line_has_the_figures_of_a_full_reading(
    monkeypatch: pytest.MonkeyPatch, store: Store, basis: Basis, by: str
) -> None:
    scope = Scope(start=date(2026, 11, 9), end=date(2026, 11, 15), basis=basis)
    bounded = metric_table(store, scope, by=by)
    assert any(row.values["orders_paid"] for row in bounded.rows)
    monkeypatch.setattr(query, "earliest", lambda *_asked: None)
    cache.forget(store)
    whole = metric_table(store, scope, by=by)
    assert (bounded.total, bounded.rows) == (whole.total, whole.rows)
