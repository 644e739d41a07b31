"""What people read about a metric, and the orders that stand behind it."""

import pytest
from sqlalchemy import func, select

from shopdata.metrics.behind import rows_behind
from shopdata.metrics.catalogue import CATALOGUE, DEFINITIONS, KEYS, document_keys
from shopdata.metrics.definition import Count, Need, Ratio, Total
from shopdata.metrics.dimensions import DIMENSIONS
from shopdata.metrics.facts import CONDITIONS
from shopdata.metrics.formula import formula_text
from shopdata.metrics.table import metric_table
from shopdata.scope import Basis, Scope
from shopdata.store import tables
from shopdata.words import words
from tests.metrics.world import MemoryStore, day

# Every key METRICS names, apart from statistics of durations that share a definition.
PROMISED = (
    "orders_placed", "orders_paid", "orders_shipped", "orders_signed", "orders_completed", "orders_closed",
    "orders_unpaid", "orders_unpaid_open", "orders_unpaid_closed", "paid_amount", "payable_amount",
    "platform_subsidy", "discount_amount", "freight_amount", "orders_zero", "refund_amount", "net_amount",
    "pay_rate", "average_order_value", "amount_per_buyer", "units_paid", "units_per_order",
    "amount_per_unit", "orders_refunded", "orders_returned", "return_rate", "refund_rate",
    "refund_amount_rate", "refund_rate_unshipped", "refund_rate_unsigned", "refund_rate_signed",
    "refund_rate_1h", "dispute_orders", "dispute_rate", "dispute_rate_paid", "ship_to_sign_hours_mean",
    "ship_to_sign_hours_p50", "ship_to_sign_hours_p90", "ship_to_sign_hours_n", "pay_to_ship_hours_mean",
    "ship_to_pickup_hours_p50", "ship_to_complete_hours_p90", "pay_seconds_p50", "ship_48h_rate",
    "ship_promise_rate", "pickup_24h_rate", "commission_estimated", "commission_settled",
    "commission_estimated_influencer", "commission_settled_leader", "commission_estimated_service",
    "commission_rate_estimated", "commission_rate_settled", "settled_amount", "unsettled_amount",
    "platform_fee", "buyers", "new_buyers", "repeat_rate", "visitors", "visit_to_order_rate", "ad_spend",
    "ad_ratio", "operating_profit",
)  # fmt: skip


def test_every_promised_key_is_in_the_catalogue() -> None:
    assert set(PROMISED) <= set(KEYS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_metric_has_words_and_a_formula(language: str) -> None:
    spoken = words(language)
    for key in CATALOGUE:
        assert spoken(f"metrics.{key}.label")
        assert spoken(f"metrics.{key}.help")
        assert formula_text(key, spoken)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_dimension_has_a_name(language: str) -> None:
    assert all(words(language)(f"dimensions.name.{key}") for key in DIMENSIONS)


def test_the_formula_is_made_from_the_definition() -> None:
    assert formula_text("net_amount", words("en")) == "Paid amount − Refund amount"
    assert formula_text("average_order_value", words("zh")) == "实付金额 ÷ 支付订单数"


def test_definitions_name_only_what_exists() -> None:
    for metric in DEFINITIONS:
        if isinstance(metric, Ratio):
            assert {metric.numerator, metric.denominator} <= CATALOGUE.keys()
        if isinstance(metric, Count | Total):
            assert metric.condition in CONDITIONS
        assert all(isinstance(need, Need) for need in metric.needs)
        assert all(CATALOGUE[key] is metric for key in document_keys(metric))


@pytest.mark.parametrize("basis", ["placed", "paid"])
@pytest.mark.parametrize(
    ("key", "counted"),
    [
        ("orders_paid", "orders_paid"),
        ("pay_rate", "pay_rate_n"),
        ("refund_rate_1h", "refund_rate_1h_n"),
        ("ship_48h_rate", "ship_48h_rate_n"),
        ("ship_to_sign_hours_p50", "ship_to_sign_hours_n"),
        ("orders_unpaid_closed", "orders_unpaid_closed"),
    ],
)
def test_the_rows_behind_a_figure_are_as_many_as_it_says(
    store: MemoryStore, basis: Basis, key: str, counted: str
) -> None:
    scope = Scope(basis=basis, start=day(10), end=day(40))
    total = metric_table(store, scope).total
    with store.read() as connection:
        found = connection.execute(
            select(func.count()).select_from(tables.orders).where(rows_behind(store, scope, key))
        ).scalar_one()
    if total[counted] is not None:
        assert found == total[counted]
