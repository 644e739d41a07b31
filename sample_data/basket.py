"""What is in an order and who gets it: lines with prices and discounts, the receiver, the notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random

from sample_data.catalog import Person, Product, Shop, Spec, catalog, words
from sample_data.demand import Wish
from sample_data.truth import Line

PRICE_ERROR_PRODUCT = 3
PRICE_ERROR_SPEC = 1
CIPHER = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def cipher(random: Random, mark: str, length: int) -> str:
    """Text in the shape of the platform's encrypted receivers: ``##…`` for names, ``$$…`` for phones."""
    return mark + "".join(random.choices(CIPHER, k=length)) + "=" + mark[0]


def pick(random: Random, options: list[str]) -> str:
    """One of the options."""
    return options[int(random.random() * len(options))]


def number(random: Random, digits: int) -> str:
    """A number of so many digits as text."""
    return "".join(random.choices("0123456789", k=digits))


def seconds(moment: datetime) -> int:
    """Seconds of the wall clock since 1970, whatever the machine's own zone."""
    return int((moment - datetime(1970, 1, 1)).total_seconds())


def order_number(random: Random, placed_at: datetime, digits: int = 19) -> str:
    """A number of so many digits that grows with time, as the platforms' do."""
    return f"{6_926_000_000 + seconds(placed_at) // 8:010d}{number(random, digits - 10)}"


def _person(random: Random, shop: Shop, source: str) -> tuple[Person | None, str, bool]:
    """Who sells the line, the sales channel, and whether an advert brought it."""
    advert = source in ("live", "short_video") and random.random() < 0.12
    alliance_share = {"live": 0.46, "short_video": 0.72, "showcase": 1.0, "product_card": 0.12}.get(
        source, 0.0
    )
    if random.random() < alliance_share:
        weights = [1 / (rank + 1) for rank in range(len(shop.influencers))]
        return random.choices(shop.influencers, weights)[0], "alliance", advert
    if source in ("live", "short_video"):
        own = random.choices(shop.own_accounts, [3, 1])[0]
        return own, "advert" if advert else "own", advert
    return None, "mall" if source == "product_card" else "own", False


def _goods(random: Random, shop: Shop) -> tuple[Product, Spec]:
    product = random.choices(shop.products, [product.weight for product in shop.products])[0]
    return product, product.specs[int(random.random() * len(product.specs))]


def _discounts(random: Random, goods: int, source: str, promotion: bool) -> tuple[int, int, int, int]:
    """Platform, merchant, influencer and payment discount of one line, in fen."""
    platform = int(goods * 0.15) // 100 * 100 if promotion and random.random() < 0.7 else 0
    merchant = 500 if goods >= 5900 and random.random() < 0.35 else 0
    influencer = 300 if source == "live" and goods >= 4900 and random.random() < 0.08 else 0
    left = goods - platform - merchant - influencer
    payment = int(random.random() * 200) + 1 if left >= 2000 and random.random() < 0.18 else 0
    return platform, merchant, influencer, payment


def _line(random: Random, shop: Shop, wish: Wish, source: str, line_id: str) -> Line:
    product, spec = _goods(random, shop)
    quantity = random.choices([1, 2, 3, 6, 12], [84, 11, 3, 1.4, 0.3])[0]
    price = spec.price
    day = (wish.placed_at.month, wish.placed_at.day)
    promotion = any(wave[2] >= 1.8 and (wave[0], wave[1]) == day for wave in catalog()["calendar"]["waves"])
    if wish.special == "price_error":
        product = shop.products[PRICE_ERROR_PRODUCT]
        spec = product.specs[PRICE_ERROR_SPEC]
        price, quantity, promotion = spec.price // 10, random.choices([1, 2, 5], [5, 3, 2])[0], False
    person, channel, advert = _person(random, shop, source)
    platform, merchant, influencer, payment = _discounts(random, price * quantity, source, promotion)
    if wish.special:
        platform = merchant = influencer = payment = 0
    if shop.platform == "taobao":
        payment = 0
    line = Line(
        line_id, product.id, product.name, spec.name, spec.sku_code, quantity, price, 0,
        platform, merchant, influencer, payment, source, channel, advert, person,
    )  # fmt: skip
    return _gift(line) if wish.special == "gift" else line


def _gift(line: Line) -> Line:
    gift = catalog()["gift"][0]
    return replace(
        line,
        product_id=gift["id"],
        product_name=gift["name"],
        spec=gift["spec"],
        sku_code=gift["sku"],
        quantity=1,
        unit_price=990,
        merchant_discount=990,
    )


def lines(random: Random, shop: Shop, wish: Wish, order_id: str) -> tuple[Line, ...]:
    """The sub-orders: mostly one, which carries the main number; sometimes several, or a sku twice."""
    if wish.special or random.random() > shop.several:
        first = _line(random, shop, wish, wish.source, order_id)
        return (_with_freight(random, first),)
    count = random.choices([2, 3, 4], [80, 15, 5])[0]
    found: list[Line] = []
    for index in range(count):
        line_id = f"{order_id[:10]}{(int(order_id[10:]) + 1009 * (index + 1)) % 10**9:09d}"
        source = "product_card" if index and random.random() < 0.18 else wish.source
        line = _line(random, shop, wish, source, line_id)
        if index and random.random() < 0.22:
            line = replace(
                found[0], line_id=line_id, quantity=1, platform_discount=0, merchant_discount=0,
                influencer_discount=0, payment_discount=0, freight=0,
            )  # fmt: skip
        found.append(line)
    return tuple(found)


def _with_freight(random: Random, line: Line) -> Line:
    """Small orders sometimes pay for the parcel."""
    small = 0 < line.payable < 4000 and line.unit_price > 1000
    return replace(line, freight=600) if small and random.random() < 0.12 else line


def notes(random: Random) -> tuple[str, str, str, bool]:
    """Buyer's note, merchant's note, flag, and whether the address was changed."""
    said = words()["notes"]
    buyer = pick(random, said["buyer"]) if random.random() < 0.05 else ""
    seller = pick(random, said["seller"]) if random.random() < 0.03 else ""
    flag = pick(random, said["flags"]) if seller or random.random() < 0.02 else ""
    return buyer, seller, flag, random.random() < 0.015
