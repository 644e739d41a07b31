"""The map draws every place, right way round, from files of this server; its choices hold in the URL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import pytest

from pages.ui import china_map, logistics_choice, map_files
from pages.ui.china_map import Legend, Spot
from pages.ui.logistics_choice import Choice
from shopdata.platforms.places import places

LEGEND = Legend("hours", ",.0f")
WHOLE = (900, 1100)  # square degrees: 9.6 million km² at the latitudes of China


def rings(name: str) -> Iterator[tuple[str, list[list[float]]]]:
    """Code and outer ring of each polygon."""
    for feature in china_map.outlines(name):
        for polygon in feature["geometry"]["coordinates"]:
            yield feature["properties"]["adcode"], polygon[0]


def area(ring: list[list[float]]) -> float:
    """Square degrees; positive where the ring runs clockwise, as plotly wants it."""
    return sum((end[0] - start[0]) * (end[1] + start[1]) for start, end in pairwise(ring)) / 2


@pytest.mark.parametrize("name", [china_map.PROVINCES, china_map.CITIES])
def test_no_outline_is_reversed_and_the_whole_is_as_large_as_the_country(name: str) -> None:
    areas: dict[str, float] = {}
    for code, ring in rings(name):
        assert area(ring) >= 0
        areas[code] = areas.get(code, 0) + area(ring)
    assert min(areas.values()) > 0
    assert WHOLE[0] < sum(areas.values()) < WHOLE[1]


def test_the_map_has_the_places_the_shop_data_can_name() -> None:
    assert set(china_map.codes()) == set(places().provinces)
    inside = {code for province in china_map.codes() for code in china_map.codes(province)}
    assert inside == set(places().cities)


def test_every_place_is_drawn_once_a_map_whatever_is_known_of_it() -> None:
    known = china_map.codes()
    spots = [
        Spot(code, place if place % 3 else None, code, place % 2 == 0) for place, code in enumerate(known)
    ]
    figure = china_map.china(spots, LEGEND)
    for geo in ("geo", "geo2"):
        drawn = [code for trace in figure.data if trace.geo == geo for code in trace.locations or ()]
        assert sorted(drawn) == sorted(known)


@pytest.mark.parametrize("province", china_map.codes())
def test_the_cities_of_every_province_are_drawn(province: str) -> None:
    spots = [Spot(code, 1.0, code) for code in china_map.codes(province)]
    assert spots
    drawn = [
        code for trace in china_map.china(spots, LEGEND, province).data for code in trace.locations or ()
    ]
    assert set(drawn) == set(china_map.codes(province))


def test_outlines_travel_by_address_not_inside_the_chart() -> None:
    figure = china_map.china([Spot("440000", 1.0, "x")], LEGEND)
    assert len(json.dumps(figure.to_plotly_json(), default=str)) < 20_000
    assert {trace.geojson for trace in figure.data if trace.type == "choropleth"} == {
        f"/map/{china_map.PROVINCES}"
    }
    assert (map_files.FOLDER / "world_110m.json").exists()


@pytest.mark.parametrize(
    ("query", "choice"),
    [
        ({}, Choice()),
        ({"province": ["440000"], "city": ["440300"]}, Choice(province="440000", city="440300")),
        ({"city": ["440300"]}, Choice()),
        ({"province": ["440000"], "city": ["330100"]}, Choice(province="440000")),
        ({"province": ["<b>"], "measure": ["no"]}, Choice()),
        ({"measure": ["return_rate"]}, Choice("return_rate")),
    ],
)
def test_an_address_that_cannot_be_meant_is_the_default(query: dict[str, list[str]], choice: Choice) -> None:
    assert logistics_choice.decode(query) == choice
    assert logistics_choice.decode(logistics_choice.encode(choice)) == choice
