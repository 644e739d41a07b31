"""Reads ``catalog.toml`` and ``words/`` into frozen values. Every Chinese word lives there."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Spec:
    """One sellable variant: its name, the merchant's code and its price in fen."""

    name: str
    sku_code: str
    price: int


@dataclass(frozen=True, slots=True)
class Product:
    """One listing; ``weight`` is its share of demand."""

    id: str
    name: str
    weight: int
    specs: tuple[Spec, ...]
    presale: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """An account that sells: the shop's own, or an influencer with a commission rate in per cent.

    ``role``: ``leader`` and ``helper`` are the two other kinds of promoters that Kuaishou's export names.
    """

    id: str
    name: str
    account: str
    rate: str
    own: bool
    role: str = "influencer"


@dataclass(frozen=True, slots=True)
class Place:
    """A district, with its province's six-digit code and the lane it lies on."""

    code: str
    province: str
    city: str
    district: str
    lane: str


@dataclass(frozen=True, slots=True)
class Courier:
    """A courier; ``speed`` multiplies the lane's hours."""

    name: str
    prefix: str
    digits: int
    weight: int
    speed: float


@dataclass(frozen=True, slots=True)
class Shop:
    """One invented shop and the habits of its buyers; ``several``: share of orders with several lines."""

    key: str
    platform: str
    name: str
    suffix: str
    platform_id: str
    orders: int
    warehouse: str
    ship_from: str
    return_place: str
    ship_hours: float
    several: float
    digits: int
    sources: dict[str, float]
    refunds: dict[str, float]
    products: tuple[Product, ...]
    own_accounts: tuple[Person, ...]
    influencers: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export: printed header, field of the row, and how the cell is written."""

    header: str
    field: str
    kind: str


@cache
def catalog() -> dict[str, Any]:
    """The raw catalogue."""
    with (HERE / "catalog.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def words() -> dict[str, Any]:
    """The raw words of every file in ``words``, tables of one name put together."""
    found: dict[str, Any] = {}
    for path in sorted((HERE / "words").glob("*.toml")):
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found[name] = found.get(name, {}) | table
    return found


@cache
def columns(name: str) -> tuple[Column, ...]:
    """The columns of one export in the platform's order."""
    lines = words()["columns"][name].strip().splitlines()
    return tuple(Column(*line.split("|")) for line in lines)


def _product(raw: dict[str, Any]) -> Product:
    specs = tuple(Spec(*spec) for spec in raw["specs"])
    return Product(raw["id"], raw["name"], raw["weight"], specs, raw.get("presale", False))


def _promoter(number: str, name: str, account: str, rate: str, role: str = "influencer") -> Person:
    return Person(number, name, account, rate, False, role)


def _shop(raw: dict[str, Any]) -> Shop:
    return Shop(
        **{
            key: raw[key]
            for key in (
                "key",
                "platform",
                "name",
                "suffix",
                "platform_id",
                "orders",
                "warehouse",
                "ship_from",
                "return_place",
                "ship_hours",
                "several",
                "digits",
                "sources",
                "refunds",
            )
        },
        products=tuple(_product(product) for product in raw["products"]),
        own_accounts=tuple(Person(row[0], row[1], "", "0", True) for row in raw["own_accounts"]),
        influencers=tuple(_promoter(*row) for row in raw["influencers"]),
    )


@cache
def shops(platform: str = "") -> tuple[Shop, ...]:
    """The shops of the sample, or those of one platform."""
    return tuple(_shop(raw) for raw in catalog()["shop"] if platform in ("", raw["platform"]))


@cache
def places() -> tuple[tuple[Place, ...], tuple[float, ...]]:
    """Every district with its share of orders."""
    found: list[Place] = []
    weights: list[float] = []
    for lane, provinces in catalog()["places"].items():
        for code, province, weight, *cities in provinces:
            districts = [(city[0], district) for city in cities for district in city[1:]]
            for city, district in districts:
                found.append(Place(code, province, city, district, lane))
                weights.append(weight / len(districts))
    return tuple(found), tuple(weights)


@cache
def couriers() -> tuple[Courier, ...]:
    """The couriers both shops use."""
    return tuple(Courier(**raw) for raw in catalog()["courier"])
