"""Provinces and cities of China by code, and how exports spell them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shopdata.platforms import plain

ALSO_DISTRICTS = ("朝阳",)  # a district of Beijing comes to mind sooner than the city
COUNTIES = "90"  # in a code: places that answer to the province directly
STREETS = ("路", "街", "大道", "东路", "西路", "南路", "北路", "中路")


@dataclass(frozen=True, slots=True)
class Places:
    """Codes of provinces and cities, looked up by the spellings exports use."""

    provinces: Mapping[str, str]
    starts: tuple[tuple[str, str], ...]
    short: Mapping[str, str]
    cities: Mapping[str, str]
    city_endings: tuple[str, ...]
    district_words: frozenset[str]
    country: str

    def province(self, text: str) -> str | None:
        """Six-digit code of a province by name, beginning, abbreviation or code; None when unreadable."""
        word = plain(text).upper().removeprefix("CN-").removeprefix(self.country)
        if word.isdigit():
            code = word[:2] + "0000"
            return code if len(word) in (2, 4, 6) and code in self.provinces else None
        if word in self.short:
            return self.short[word]
        return next((code for start, code in self.starts if word.startswith(start)), None)

    def city(self, text: str, province: str | None) -> str | None:
        """Six-digit code of a city within ``province`` (a code, or None when unknown); None if unsure."""
        word = plain(text)
        if word.isdigit() and len(word) == 6:
            code = next((c for c in (word, word[:4] + "00") if c in self.cities), None)
            return code if code and province in (None, code[:2] + "0000") else None
        inside = {c: n for c, n in self.cities.items() if province in (None, c[:2] + "0000")}
        if province and len(inside) == 1:
            return self._only_city(word, inside)
        exact = [code for code, name in inside.items() if name == word]
        stem = next((word.removesuffix(end) for end in self.city_endings if word.endswith(end)), word)
        starts = tuple(start for start in (word, stem) if len(start) > 1)
        near = [code for code, name in inside.items() if starts and name.startswith(starts)]
        found = exact or near
        return found[0] if len(found) == 1 else None

    def city_in(self, text: str) -> str | None:
        """The one city a name of the shop's own names (``杭州余杭仓``); None where none or several do.

        Left out: what is also a province's name (``吉林仓``), places below a prefecture, and streets.
        """
        word = plain(text)
        found = {code for code, name in self.cities.items() if name in word or self._names(name, word)}
        found -= {code for code in found if code[2:4] == COUNTIES}
        return found.pop() if len(found) == 1 else None

    def _names(self, city: str, word: str) -> bool:
        stem = next((city.removesuffix(end) for end in self.city_endings if city.endswith(end)), city)
        if (
            len(stem) < 2
            or stem in ALSO_DISTRICTS
            or (stem in dict(self.starts) and stem not in self._municipalities)
        ):
            return False
        after = word.partition(stem)[2]
        return stem in word and not after.startswith(STREETS)

    @property
    def _municipalities(self) -> set[str]:
        """Beginnings of provinces that are one city."""
        single = {code for code in self.provinces if sum(one[:2] == code[:2] for one in self.cities) == 1}
        return {start for start, code in self.starts if code in single}

    def _only_city(self, word: str, inside: Mapping[str, str]) -> str | None:
        """The city of a municipality, whose column exports also fill with a word for its districts."""
        code, name = next(iter(inside.items()))
        return code if word.startswith(name[:2]) or word in self.district_words else None


@cache
def places() -> Places:
    """The places of China as the map names them."""
    path = Path(__file__).parent / "data" / "places.toml"
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    provinces = data["provinces"]
    return Places(
        provinces={code: entry["name"] for code, entry in provinces.items()},
        starts=tuple((entry["start"], code) for code, entry in provinces.items()),
        short={word: code for code, entry in provinces.items() for word in entry["short"]},
        cities=data["cities"],
        city_endings=tuple(data["city_endings"]),
        district_words=frozenset(data["district_words"]),
        country=data["country"],
    )
