"""Maps of China as charts: provinces with the islands of the south in a box, or the cities of one province.

Outlines come by address from this server (``map_files``). What a map shows is the page's matter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import plotly.graph_objects as go

from pages.ui import figures
from pages.ui.map_files import FOLDER

CODE = "properties.adcode"
PROVINCES, CITIES, DASHES = "china_provinces.geojson", "china_cities.geojson", "china_dashline.geojson"
ISLANDS = "460000"
# Where a province's own outline would make its map tiny: the part drawn large (the rest is in the box).
FRAMES = {ISLANDS: ((108.4, 111.3), (18.0, 20.3))}
BORDER, FAINT, GREY = "rgba(128,140,160,0.75)", "rgba(128,140,160,0.10)", "rgba(154,164,178,0.55)"
SHADES = [[0.0, "rgba(36,87,214,0.12)"], [1.0, "rgba(36,87,214,1)"]]
WHOLE = {
    "projection": {"type": "conic equal area", "parallels": [25, 47], "rotation": {"lon": 105}},
    "lonaxis": {"range": [79, 129]},
    "lataxis": {"range": [17.5, 53.8]},
}
BOX = {
    "projection": {"type": "mercator"},
    "lonaxis": {"range": [105, 123.5]},
    "lataxis": {"range": [2.5, 24]},
    "domain": {"x": [0.79, 0.95], "y": [0.0, 0.3]},
    "showframe": True,
    "framecolor": BORDER,
    "framewidth": 1,
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the map by its code: its value (``None``: nothing known), the words shown over it (safe for
    a chart), and whether too few orders stand behind it to give it a colour."""

    code: str
    value: float | None
    text: str
    few: bool = False


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours measure."""

    title: str
    ticks: str


@cache
def outlines(name: str) -> tuple[Mapping[str, Any], ...]:
    """The features of one of the map's files."""
    return tuple(json.loads((FOLDER / name).read_text(encoding="utf-8"))["features"])


@cache
def codes(province: str = "") -> tuple[str, ...]:
    """Codes that can be drawn: provinces, or the cities of a province."""
    features = outlines(CITIES if province else PROVINCES)
    every = (feature["properties"]["adcode"] for feature in features)
    return tuple(code for code in every if code[:2] == province[:2] or not province)


def china(spots: Sequence[Spot], legend: Legend, province: str = "") -> go.Figure:
    """Provinces coloured by value or, with ``province``, its cities. Only places with a spot are drawn."""
    figure = go.Figure()
    boxed = province in ("", ISLANDS)
    for geo in ("geo", "geo2") if boxed else ("geo",):
        _colour(figure, spots, province, geo)
    if boxed:
        _dashes(figure, ("geo", "geo2") if not province else ("geo2",))
    bare = {"visible": False, "bgcolor": "rgba(0,0,0,0)", "domain": {"x": [0, 1], "y": [0, 1]}}
    figure.update_layout(
        height=460,
        margin={"l": 0, "r": 0, "t": 4, "b": 44},
        showlegend=False,
        dragmode=False,
        separators=".,",
        geo=bare | (_frame(province) if province else WHOLE),
        coloraxis={"colorscale": SHADES, "colorbar": _bar(legend)},
    )
    if boxed:
        figure.update_layout(geo2=bare | BOX)
    return figure


def _frame(province: str) -> dict[str, Any]:
    """The part of the world a province's cities fill."""
    frame: dict[str, Any] = {"projection": {"type": "mercator"}}
    if province not in FRAMES:
        return frame | {"fitbounds": "locations"}
    longitudes, latitudes = FRAMES[province]
    return frame | {"lonaxis": {"range": longitudes}, "lataxis": {"range": latitudes}}


def _bar(legend: Legend) -> dict[str, Any]:
    return {
        "orientation": "h",
        "thickness": 8,
        "len": 0.5,
        "x": 0.0,
        "xanchor": "left",
        "y": -0.02,
        "yanchor": "top",
        "outlinewidth": 0,
        "tickformat": legend.ticks,
        "nticks": 6,
        "title": {"text": legend.title, "side": "top", "font": {"size": 12}},
    }


def _colour(figure: go.Figure, spots: Sequence[Spot], province: str, geo: str) -> None:
    """Places with a value in its colour, those with few orders grey, the others barely there."""
    inside = set(codes(province))
    shown = [spot for spot in spots if spot.code in inside]
    layers = (
        ([spot for spot in shown if spot.value is None], FAINT),
        ([spot for spot in shown if spot.value is not None and spot.few], GREY),
        ([spot for spot in shown if spot.value is not None and not spot.few], None),
    )
    for layer, flat in layers:
        if not layer:
            continue
        scale = {"coloraxis": "coloraxis"} if flat is None else _flat(flat)
        figure.add_choropleth(
            geojson=f"{figures.MAP_ADDRESS}{CITIES if province else PROVINCES}",
            featureidkey=CODE,
            locations=[spot.code for spot in layer],
            z=[spot.value if flat is None else 1 for spot in layer],
            text=[spot.text for spot in layer],
            hovertemplate="%{text}<extra></extra>",
            marker={"line": {"color": BORDER, "width": 0.6}},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            geo=geo,
            **scale,
        )


def _flat(colour: str) -> dict[str, Any]:
    return {"colorscale": [[0, colour], [1, colour]], "showscale": False, "zmin": 0, "zmax": 1}


def _dashes(figure: go.Figure, geos: Sequence[str]) -> None:
    longitudes: list[float | None] = []
    latitudes: list[float | None] = []
    for feature in outlines(DASHES):
        for dash in feature["geometry"]["coordinates"]:
            longitudes += [point[0] for point in dash] + [None]
            latitudes += [point[1] for point in dash] + [None]
    for geo in geos:
        figure.add_scattergeo(
            lon=longitudes,
            lat=latitudes,
            mode="lines",
            line={"color": BORDER, "width": 1.2},
            hoverinfo="skip",
            geo=geo,
        )
