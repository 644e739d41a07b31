"""What an import says it did to the figures is what the figures say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from shopdata.imports.effects import told
from shopdata.imports.history import history
from shopdata.store import Store
from shopdata.store.tables import imports
from shopdata.words import words
from tests.imports.conftest import Importer
from tests.imports.shop_files import Line, aftersales, commissions
from tests.imports.shop_files import orders as order_file


def rates(store: Store) -> tuple[int, int, float]:
    """Orders, paid orders and the return rate, by a query of its own over every order."""
    query = text("SELECT count(*), count_if(is_paid), count_if(is_returned) / count_if(is_paid) FROM orders")
    with store.read() as connection:
        found = connection.execute(query).one()
    return found[0], found[1], found[2]


def effect(store: Store, number: int) -> Any:
    return next(one.effect for one in history(store) if one.id == number)


def test_a_first_import_starts_from_nothing(bring: Importer, store: Store, tmp_path: Path) -> None:
    (result,) = bring(order_file(tmp_path / "a.csv", [Line(1), Line(2, "待支付"), Line(3, day="2026-10-09")]))
    assert result.effect is not None
    assert (result.effect["from"], result.effect["to"]) == ("2026-10-05", "2026-10-09")
    assert result.effect["states_changed"] == 0
    assert result.effect["figures"]["orders"] == {"before": 0, "after": 3}
    assert result.effect["figures"]["paid_amount"] == {"before": 0, "after": 20_000}
    assert result.effect["figures"]["return_rate"] == {"before": None, "after": 0.0}
    assert effect(store, 1) == result.effect
    assert result.as_json()["effect"] == result.effect


def test_new_orders_changed_states_and_rates_are_told(bring: Importer, store: Store, tmp_path: Path) -> None:
    bring(order_file(tmp_path / "a.csv", [Line(number, "待发货") for number in range(1, 21)]))
    bring(aftersales(tmp_path / "r.csv", [Line(1)]))
    before = rates(store)
    later = [Line(number, "已完成") for number in range(1, 9)] + [Line(number) for number in range(21, 31)]
    (result,) = bring(order_file(tmp_path / "b.csv", later))
    after = rates(store)
    assert result.effect is not None
    found = result.effect["figures"]
    assert result.effect["states_changed"] == 8
    assert (found["orders"]["before"], found["orders"]["after"]) == (before[0], after[0]) == (20, 30)
    assert found["return_rate"] == {"before": before[2], "after": round(after[2], 6)}
    assert told(result.effect, words("en")) == (
        "+10 orders · 8 states changed · Return rate 5.0% → 3.3% · Refund rate (orders) 5.0% → 3.3%"
        " · paid 2,000.00 → 3,000.00"
    )


def test_an_after_sale_file_tells_of_the_orders_it_names(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    bring(order_file(tmp_path / "a.csv", [Line(number) for number in range(1, 5)]))
    bring(order_file(tmp_path / "other.csv", [Line(number, day="2026-09-01") for number in range(11, 15)]))
    (result,) = bring(aftersales(tmp_path / "r.csv", [Line(1), Line(2)]))
    assert result.effect is not None
    assert (result.effect["from"], result.effect["to"]) == ("2026-10-05", "2026-10-05")
    assert result.effect["states_changed"] == 2
    assert result.effect["figures"]["return_rate"] == {"before": 0.0, "after": 0.5}
    (alliance,) = bring(commissions(tmp_path / "c.csv", [Line(3)]))
    assert told(alliance.effect, words("en")) == "no figure changed"


def test_a_file_about_no_known_order_has_no_effect_to_tell(
    bring: Importer, store: Store, tmp_path: Path
) -> None:
    (result,) = bring(aftersales(tmp_path / "r.csv", [Line(1)]))
    assert result.effect is None
    assert told(result.effect, words("zh")) == ""
    with store.read() as connection:
        assert connection.scalar(select(imports.c.effect)) is None
