"""The queue of abnormal orders: what it lists, what it leaves out, who sees money."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import insert, select, update
from streamlit.testing.v1 import AppTest

from pages.ui import news, queue_filters, queue_panels
from pages.ui.case_links import encode
from pages.ui.case_panels import FEW
from shopdata.abnormal.aside import OF_ORDERS
from shopdata.abnormal.cases import read_case
from shopdata.abnormal.limits import A_DAY, BUDGET, set_limit
from shopdata.abnormal.reading import CaseKey, Choice, counts, flags
from shopdata.abnormal.working import comment
from shopdata.scope import Scope
from shopdata.store import Store, open_store
from shopdata.store.abnormal_tables import abnormal_due
from shopdata.store.tables import shops
from shopdata.web import identity
from shopdata.words import words
from tests.pages.conftest import Run, settings_of

ZH = words("zh")


@pytest.fixture
def own_store(tmp_path: Path, sample_home: Path) -> Iterator[Store]:
    """The sample in a store that may be changed."""
    shutil.copytree(sample_home, tmp_path / "home")
    with open_store(settings_of(tmp_path / "home")) as store:
        yield store


def said(page: object) -> list[str]:
    return [str(one.value) for one in page.markdown]  # type: ignore[attr-defined]


def test_every_open_hit_is_counted_and_the_most_urgent_come_first(run: Run, sample_store: Store) -> None:
    found = flags(sample_store, Scope())
    page = run(sample_store, "abnormal")
    assert page.metric[0].value == f"{len(found):,}"
    names = [ZH(f"abnormal.{flag.rule}.name") for flag in found[: queue_panels.SHOWN]]
    shown = [text for text in said(page) if text.startswith((":red", ":orange", ":material"))]
    assert len(shown) == len(names)
    assert all(name in text for name, text in zip(names, shown, strict=True))


@contextmanager
def writing(store: Store) -> Iterator[None]:
    """Somebody else writes meanwhile."""
    begun, over = Event(), Event()

    def write() -> None:
        with store.write(figures=False):
            begun.set()
            over.wait(60)

    writer = Thread(target=write)
    writer.start()
    begun.wait(60)
    try:
        yield
    finally:
        over.set()
        writer.join()


def test_what_could_not_be_judged_at_the_first_look_is_listed_at_the_next(run: Run, own_store: Store) -> None:
    with writing(own_store):
        assert run(own_store, "abnormal").metric[0].value == "0"
    found = run(own_store, "abnormal").metric[0].value
    assert found == f"{len(flags(own_store, Scope())):,}" != "0"


def test_a_link_to_a_rule_lists_its_hits_alone(run: Run, sample_store: Store) -> None:
    rule = next(iter(counts(flags(sample_store, Scope()))))
    page = run(sample_store, "abnormal", rule=rule)
    shown = [text for text in said(page) if text.startswith((":red", ":orange", ":material"))]
    assert shown
    assert all(ZH(f"abnormal.{rule}.name") in text for text in shown)


def test_a_rule_nobody_knows_in_the_link_lists_everything(run: Run, sample_store: Store) -> None:
    assert len(said(run(sample_store, "abnormal", rule="no_such"))) == len(
        said(run(sample_store, "abnormal"))
    )


def test_what_the_budget_holds_back_is_said_listed_on_demand_and_can_be_worked(
    run: Run, own_store: Store
) -> None:
    for shop in (1, 2, 3):
        set_limit(own_store, Scope(), shop, BUDGET, A_DAY.name, 0)
    held = flags(own_store, Scope(), Choice(below_budget=True))
    assert held
    told = ZH("pages.abnormal.below_budget", n=f"{len(held):,}")
    assert told in [one.value for one in run(own_store, "abnormal").caption]
    page = run(own_store, "abnormal", below="1")
    shown = [text for text in said(page) if text.startswith((":red", ":orange", ":material"))]
    names = [ZH(f"abnormal.{flag.rule}.name") for flag in held[: queue_panels.SHOWN]]
    assert all(name in text for name, text in zip(names, shown, strict=True))
    page.button(key=f"waiting_{held[0].rule}_{held[0].shop_id}_{held[0].subject}").click().run()
    assert not page.exception
    assert held[0] not in flags(own_store, Scope(), Choice(below_budget=True))


def test_who_ships_sees_no_money(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "abnormal", who=identity.Identity("sun", "shipping"))
    assert not page.exception
    assert not any("¥" in text for text in said(page))
    assert ZH("pages.abnormal.card.stake") not in [metric.label for metric in page.metric]


def test_one_press_takes_a_hit_out_of_the_queue_and_its_case_remembers_who(
    run: Run, own_store: Store
) -> None:
    (first, *rest) = flags(own_store, Scope())
    page = run(own_store, "abnormal")
    name = f"waiting_{first.rule}_{first.shop_id}_{first.subject}"
    page.button(key=name).click().run()
    assert not page.exception
    assert page.metric[0].value == f"{len(rest):,}"
    case = run(own_store, "case", case=encode(first.key))
    assert any(ZH("pages.case.state.waiting") in text for text in said(case))


def test_a_case_is_noted_taken_and_closed_on_its_page(run: Run, own_store: Store) -> None:
    key = flags(own_store, Scope())[0].key
    page = run(own_store, "case", case=encode(key))
    page.text_area[0].set_value("买家不接电话 *x*").run()
    page.button(key="case_comment").click().run()
    page.button(key="take_case").click().run()
    page.button(key="resolved_case").click().run()
    assert not page.exception
    assert [event.action for event in read_case(own_store, Scope(), key).events] == [
        "comment",
        "assigned",
        "state",
    ]
    assert any("买家不接电话" in text for text in said(page))


@pytest.mark.parametrize("kind", ["waybill", "influencer"])
def test_the_case_of_several_orders_answers_them_where_asked_to(
    run: Run, own_store: Store, kind: str
) -> None:
    column = OF_ORDERS[kind]
    found = [flag for flag in flags(own_store, Scope()) if flag.order_id]
    table = column.table.c
    ids = [flag.order_id for flag in found]
    with own_store.read() as connection:
        query = select(table.shop_id, column).where(table.order_id.in_(ids), column.is_not(None))
        shop_id, subject = connection.execute(query.order_by(table.order_id).limit(1)).one()
    key = CaseKey(shop_id, kind, subject)
    about = {flag.key for flag in flags(own_store, Scope(), Choice(about=key))}
    page = run(own_store, "case", case=encode(key))
    found_about = read_case(own_store, Scope(), key).hits
    listed = ZH("pages.case.all_hits", n=f"{len(found_about):,}")
    assert (listed in [caption.value for caption in page.caption]) == (len(found_about) > FEW)
    assert len([text for text in said(page) if text.startswith((":red", ":orange"))]) <= FEW
    chosen = page.checkbox(key="case_orders_too")
    assert chosen.label == ZH("pages.case.orders_too", n=f"{len(about):,}")
    assert chosen.value is (kind == "waybill")
    chosen.uncheck().run()
    page.button(key="waiting_case").click().run()
    assert {flag.key for flag in flags(own_store, Scope(), Choice(about=key))} == about
    page.checkbox(key="case_orders_too").check().run()
    page.button(key="resolved_case").click().run()
    assert not page.exception
    assert flags(own_store, Scope(), Choice(about=key)) == ()
    assert {read_case(own_store, Scope(), one).state for one in (key, *about)} == {"resolved"}


def test_a_case_that_moved_on_meanwhile_is_not_changed_unseen(run: Run, own_store: Store) -> None:
    key = flags(own_store, Scope())[0].key
    page = run(own_store, "case", case=encode(key))
    comment(own_store, Scope(user="wang"), key, "我来")
    page.button(key="resolved_case").click().run()
    assert "wang" in page.error[0].value
    assert read_case(own_store, Scope(), key).state == "open"


def test_who_only_reads_sees_a_case_and_no_way_to_change_it(run: Run, sample_store: Store) -> None:
    key = flags(sample_store, Scope())[0].key
    page = run(sample_store, "case", case=encode(key), who=identity.Identity("li", "viewer"))
    assert not page.exception
    assert not page.text_area
    assert ZH("pages.case.only_read") in [caption.value for caption in page.caption]


@pytest.mark.parametrize("wrong", ["", "x", "1:order", "1:order:7", "99:order:1", "1:no_rule:1", "٣:order:1"])
def test_an_address_of_no_case_says_so(run: Run, sample_store: Store, wrong: str) -> None:
    page = run(sample_store, "case", case=wrong)
    assert not page.exception
    assert len(page.info) == 1


def test_the_list_of_orders_names_what_is_held_against_each(run: Run, sample_store: Store) -> None:
    first = flags(sample_store, Scope())[0]
    page = run(sample_store, "orders", days="all", order=str(first.order_id))
    assert not page.exception
    shown = page.dataframe[0].value.to_dict("records")
    assert any(ZH(f"abnormal.{first.rule}.name") in str(cell) for cell in shown[0].values())


def make_own(store: Store) -> None:
    """The sample's shops become somebody's own."""
    with store.write() as connection:
        connection.execute(update(shops).values(is_sample=False))


def told(page: AppTest) -> list[str]:
    return [str(toast.value) for toast in page.toast]


def test_what_an_import_brought_pops_up_once_with_what_the_queue_lists(run: Run, own_store: Store) -> None:
    make_own(own_store)
    found = flags(own_store, Scope())
    high = sum(flag.severity == "high" for flag in found)
    page = run(own_store, "overview")
    assert not page.toast
    page.session_state[news.SEEN] = 0
    page.run()
    assert told(page) == [ZH("pages.abnormal.news", n=f"{len(found):,}", high=f"{high:,}")]
    page.run()
    assert not page.toast


def test_what_is_not_judged_yet_pops_up_once_it_is(run: Run, own_store: Store) -> None:
    make_own(own_store)
    page = run(own_store, "overview")
    page.session_state[news.SEEN] = 0
    with own_store.write() as connection:
        connection.execute(insert(abnormal_due).values(shop_id=1, order_id=None))
    with writing(own_store):
        page.run()
        assert not page.toast
    page.run()
    assert told(page)


def test_what_is_held_against_the_sample_does_not_pop_up(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "overview")
    page.session_state[news.SEEN] = 0
    page.run()
    assert not page.toast


@pytest.mark.parametrize("said_there", ["全部规则（12）", "To do", "no_such"])
def test_words_in_place_of_a_choice_choose_nothing(run: Run, sample_store: Store, said_there: str) -> None:
    held = {queue_filters.widget(name): said_there for name in ("rule", "severity", "state")}
    page = run(sample_store, "abnormal", held=held | {queue_filters.LAST_URL: {}})
    assert not page.exception
    assert page.metric[0].value == f"{len(flags(sample_store, Scope())):,}"
