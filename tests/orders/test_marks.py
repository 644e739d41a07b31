"""Marks can be set, found and taken off; who did it is written down."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.orders.filters import OrderFilter
from shopdata.orders.marks import known_marks, remove_mark, set_mark
from shopdata.orders.query import order_page
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import audit
from tests.imports.shop_files import order_id

pytestmark = pytest.mark.usefixtures("shop")
FIRST, SECOND = (1, order_id(1)), (1, order_id(2))


def marked(store: Store, mark: str) -> list[str]:
    return [row.order_id for row in order_page(store, Scope(), OrderFilter(marks=(mark,))).rows]


def test_marked_orders_are_found_by_their_mark(store: Store) -> None:
    version = store.version
    assert set_mark(store, Scope(), [FIRST, SECOND], "abnormal") == 2
    assert set_mark(store, Scope(), [FIRST], " 要回访 ", "周五") == 1
    assert marked(store, "abnormal") == [order_id(2), order_id(1)]
    assert marked(store, "要回访") == [order_id(1)]
    assert known_marks(store, Scope()) == ("abnormal", "要回访")
    assert remove_mark(store, Scope(), [FIRST, SECOND], "要回访") == 1
    assert marked(store, "要回访") == []
    assert store.version == version


def test_a_mark_set_twice_is_one_mark(store: Store) -> None:
    set_mark(store, Scope(), [FIRST], "abnormal", "a")
    set_mark(store, Scope(), [FIRST, FIRST], "abnormal", "b")
    (row,) = order_page(store, Scope(), OrderFilter(marks=("abnormal",))).rows
    assert row.marks == ("abnormal",)


def test_every_change_is_audited(store: Store) -> None:
    scope = Scope(user="anna", role="operator")
    set_mark(store, scope, [FIRST], "abnormal")
    remove_mark(store, scope, [FIRST], "abnormal")
    with store.read() as connection:
        rows = connection.execute(
            select(audit).where(audit.c.action.like("mark%")).order_by(audit.c.action)
        ).all()
    assert [(row.action, row.user, row.role) for row in rows] == [
        ("mark_removed", "anna", "operator"),
        ("mark_set", "anna", "operator"),
    ]
    assert json.loads(rows[0].detail) == {"mark": "abnormal", "orders": [order_id(1)]}


@pytest.mark.parametrize("mark", ["", "  ", "x" * 41, "a\nb"])
def test_a_mark_that_cannot_be_meant_is_refused(mark: str, store: Store) -> None:
    with pytest.raises(BadUsage):
        set_mark(store, Scope(), [FIRST], mark)


def test_only_who_may_mark_marks_what_they_see(store: Store) -> None:
    with pytest.raises(NotAllowed):
        set_mark(store, Scope(role="viewer"), [FIRST], "abnormal")
    with pytest.raises(NotFound):
        set_mark(store, Scope(shops=(2,)), [FIRST], "abnormal")
    with pytest.raises(BadUsage):
        set_mark(store, Scope(), [], "abnormal")
