"""The queue of abnormal orders: what it lists, what it leaves out, who sees money."""

from __future__ import annotations

from pages.ui import queue_panels
from shopdata.abnormal.reading import counts, flags
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.web import identity
from shopdata.words import words
from tests.pages.conftest import Run

ZH = words("zh")


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


def test_who_ships_sees_no_money(run: Run, sample_store: Store) -> None:
    page = run(sample_store, "abnormal", who=identity.Identity("sun", "shipping"))
    assert not page.exception
    assert not any("¥" in text for text in said(page))
    assert ZH("pages.abnormal.card.stake") not in [metric.label for metric in page.metric]
