"""Every word a page asks for is there, in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from pages.ui import measures
from pages.ui.filters import COMPARISONS, PLATFORMS, PRESETS, SOURCES
from pages.ui.order_filters import AFTERSALES, MANY, TEXTS
from pages.ui.order_list import COLUMNS
from pages.ui.trend_controls import choosable
from shopdata.imports.coverage import KINDS
from shopdata.orders.filters import STATUSES, TIME_KINDS
from shopdata.orders.query import SORTS
from shopdata.platforms import formats
from shopdata.words import LANGUAGES, words
from tests.pages.conftest import PAGES

TABLES = {
    "ui.platforms": PLATFORMS,
    "ui.sources": SOURCES,
    "ui.statuses": STATUSES,
    "ui.aftersale_statuses": AFTERSALES,
    "ui.kinds": KINDS,
    "ui.formats": tuple(formats()),
    "ui.filters": (*(f"compare_{name}" for name in COMPARISONS), "today", "yesterday", "all", "custom"),
    "pages.orders.filter": (*TEXTS, *MANY),
    "pages.orders.column": tuple(key for key, _ in COLUMNS),
    "pages.orders.time": TIME_KINDS,
    "pages.orders.sorts": SORTS,
}


def literal_keys() -> Iterator[tuple[str, str]]:
    """Keys written out in calls like ``words("ui.save")``."""
    for path in PAGES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                key, named = node.args[0].value, getattr(node.func, "id", getattr(node.func, "attr", ""))
                if named == "words" and isinstance(key, str) and "." in key:
                    yield path.name, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_a_page_names_is_a_word(language: str) -> None:
    entries = words(language).entries
    assert [(name, key) for name, key in literal_keys() if key not in entries] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_has_a_word(language: str) -> None:
    entries = words(language).entries
    assert [
        f"{table}.{key}" for table, keys in TABLES.items() for key in keys if f"{table}.{key}" not in entries
    ] == []
    assert [key for key in choosable() if f"metrics.{key}.label" not in entries] == []
    assert set(PRESETS) >= {"today", "7", "custom"}


def test_both_languages_replace_the_same_phrases() -> None:
    chinese, english = (words(language).entries for language in LANGUAGES)
    for key in (key for key in chinese if key.startswith("ui.browser.phrases.")):
        assert chinese[key].split(" = ")[0] == english[key].split(" = ")[0]


def test_better_and_worse_are_known_metrics() -> None:
    known = set(choosable())
    assert known >= measures.MORE_IS_BETTER
    assert not measures.MORE_IS_BETTER & measures.LESS_IS_BETTER


def test_no_page_holds_chinese_words() -> None:
    for path in PAGES.rglob("*.py"):
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in path.read_text(encoding="utf-8")), path
