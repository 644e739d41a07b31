"""What a page shows is what the catalogue says, and the way to its rows leads to just these rows."""

from __future__ import annotations

import json
from datetime import date

import pytest

from pages.ui import about, numbers
from shopdata.metrics.table import metric_table
from shopdata.orders.filters import OrderFilter
from shopdata.orders.query import order_totals
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words import words
from tests.pages.conftest import Run

ZH = words("zh")
DAYS = {"start": date(2026, 10, 24), "end": date(2026, 11, 22)}
COUNTED = (
    ("paid", "orders_paid", "orders_paid"),
    ("paid", "refund_rate", "refund_rate_n"),
    ("paid", "return_rate", "return_rate_n"),
    ("placed", "dispute_rate", "dispute_rate_n"),
    ("placed", "pay_rate", "pay_rate_n"),
    ("placed", "orders_unpaid_closed", "orders_unpaid_closed"),
    ("event", "orders_paid", "orders_paid"),
)


def test_the_first_card_is_the_paid_amount_of_the_catalogue(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "overview")
    total = metric_table(sample_store, Scope(basis="paid", **DAYS), keys=("paid_amount", "orders_paid")).total
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown[ZH("metrics.paid_amount.label")] == numbers.money(total["paid_amount"], ZH)
    assert shown[ZH("metrics.orders_paid.label")] == numbers.count(total["orders_paid"], ZH)


@pytest.mark.parametrize(("basis", "metric", "count"), COUNTED)
def test_the_rows_behind_a_figure_are_the_orders_it_counted(
    sample_store: Store, basis: str, metric: str, count: str
) -> None:
    scope = Scope(basis=basis, **DAYS)
    listed = order_totals(sample_store, scope, OrderFilter(behind=f"{basis}.{metric}"))
    assert listed.orders == metric_table(sample_store, scope, keys=(metric,)).total[count]
    assert listed.orders


def test_the_orders_page_lists_what_a_figure_counted(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "orders", behind="paid.refund_rate")
    assert not page.exception
    found = metric_table(sample_store, Scope(basis="paid", **DAYS), keys=("refund_rate",)).total[
        "refund_rate_n"
    ]
    assert any(f"{found:,}" in text.value for text in page.markdown)
    assert page.query_params == {"behind": "paid.refund_rate"}


@pytest.mark.parametrize("nonsense", ["paid", "paid.nothing", "now.refund_rate", "<b>"])
def test_a_figure_that_is_none_lists_everything(run: Run, sample_store: Store, nonsense: str) -> None:
    page = run(sample_store, "orders", behind=nonsense)
    assert not page.exception
    assert page.query_params == {}


def test_a_column_of_numbers_is_as_wide_as_its_longest(run: Run, sample_store: Store) -> None:
    """A browser measures the first rows alone, and cuts the first digits of a number that does not fit."""
    drawn = run(sample_store, "platforms").dataframe[0]
    widths = {name: config.get("width") for name, config in json.loads(drawn.proto.columns).items()}
    longest = {name: max(map(len, cells)) for name, cells in drawn.value.items()}
    assert longest["1"] > len("100,000.00") - 1
    assert widths["0"] is None
    assert all(widths[name] >= 7 * longest[name] + 16 for name in longest if name != "0")


def test_figures_that_still_grow_are_neither_praised_nor_blamed(run: Run, sample_store: Store) -> None:
    """Of the last 30 days most orders may still be refunded, and hundreds of parcels are on their way."""
    shown = {metric.label: metric.delta for metric in run(sample_store, "overview").metric}
    growing = ("refund_amount", "refund_amount_rate", "net_amount", "ship_to_sign_hours_p50")
    assert {shown[ZH(f"metrics.{key}.label")] for key in growing[:3]} == {ZH("ui.growing")}
    assert shown[about.label_of(growing[3], ZH)] == ZH("ui.growing")
    past = {"days": "custom", "from": "2026-09-01", "to": "2026-09-20"}
    settled = {metric.label: metric.delta for metric in run(sample_store, "overview", **past).metric}
    assert ZH("ui.growing") not in settled.values()
