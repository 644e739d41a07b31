"""What places are called in each language."""

from __future__ import annotations

import re

import pytest

from shopdata.metrics.labels import place_of
from shopdata.platforms.places import places
from shopdata.words import words

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("level", ["province", "city"])
def test_every_place_of_the_map_has_an_english_name_of_its_own(level: str) -> None:
    codes = places().provinces if level == "province" else places().cities
    named = [place_of(level, code, words("en")) for code in codes]
    assert [name for name in named if not name or CHINESE.search(name) or name.isdigit()] == []
    assert len(set(named)) == len(named)


def test_places_keep_their_own_name_in_chinese() -> None:
    assert place_of("city", "440100", words("zh")) == "广州市"
    assert place_of("province", "440000", words("zh")) == "广东省"


def test_a_place_off_the_map_is_called_what_the_file_calls_it() -> None:
    assert place_of("city", "Springfield", words("en")) == "Springfield"
    assert place_of("province", None, words("en")) == ""
