"""What a page shows is what the catalogue says, and the way to its rows leads to just these rows."""

from __future__ import annotations

from datetime import date

import pytest

from pages.ui import numbers
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
