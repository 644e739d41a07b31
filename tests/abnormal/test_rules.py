"""Every rule fires just outside its limit and stays quiet just inside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from shopdata.abnormal.document import document
from shopdata.abnormal.judging import judge
from shopdata.abnormal.limits import A_DAY, BUDGET, set_limit
from shopdata.abnormal.reading import Choice, Flag, flags
from shopdata.abnormal.rules import RULES
from shopdata.ingest.client import Parser
from shopdata.scope import Scope
from shopdata.store import Store, open_store
from shopdata.store.abnormal_tables import note_shop
from shopdata.store.tables import shops
from shopdata.words import LANGUAGES, words
from tests.abnormal import cases
from tests.abnormal.cases import CASES
from tests.abnormal.conftest import bring_into, settings_in
from tests.imports.shop_files import order_id


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Iterator[Store]:
    """All cases in one store, which ships from Hangzhou and holds no hit below the budget."""
    folder = tmp_path_factory.mktemp("cases")
    with open_store(settings_in(folder / "home")) as store:
        bring_into(store, parser, cases.write(folder))
        with store.write() as connection:
            connection.execute(update(shops).values(ship_from='{"": "330100"}'))
            note_shop(connection, connection.scalar(select(shops.c.id)) or 0)
        set_limit(store, Scope(), 1, BUDGET, A_DAY.name, 1_000)
        judge(store)
        yield store


@pytest.fixture(scope="module")
def every(filled: Store) -> tuple[Flag, ...]:
    return flags(filled, Scope(), Choice(with_past=True))


@pytest.mark.parametrize("place", range(len(CASES)), ids=lambda n: f"{CASES[n].rule} {CASES[n].name}".strip())
def test_a_rule_fires_outside_its_limit_and_not_inside(every: tuple[Flag, ...], place: int) -> None:
    case, fires, quiet = CASES[place], order_id(2 * place + 1), order_id(2 * place + 2)
    found = {flag.order_id: flag for flag in every if flag.rule == case.rule}
    assert fires in found
    assert quiet not in found or (case.past and found[quiet].open)
    if case.severity:
        assert found[fires].severity == case.severity
    assert found[fires].open is not case.past


def test_every_rule_of_one_order_has_a_case(every: tuple[Flag, ...]) -> None:
    elsewhere = {"tracking_shared", "paid_over_payable", "unpaid_repeat", "address_cluster"}
    elsewhere |= {"buyer_frequent", "buyer_refunds_often", "brushing_suspected", "refund_surge"}
    elsewhere |= {"metric_shift"}
    assert {case.rule for case in CASES} | elsewhere >= set(RULES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_flag_says_why_and_what_to_do(filled: Store, language: str) -> None:
    found = document(filled, Scope(), words(language), with_past=True)
    for flag in found["flags"]:  # type: ignore[attr-defined]
        assert "{" not in flag["why"]
        assert flag["todo"]
        assert flag["name"]


def test_usual_orders_are_not_flagged(every: tuple[Flag, ...]) -> None:
    usual = {order_id(number) for number in cases.BACKGROUND}
    assert [flag for flag in every if flag.order_id in usual] == []
