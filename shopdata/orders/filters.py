"""Which orders: a frozen set of filters, printed to and read from URL parameters.

Shops, platform and role come with the ``Scope``; this is what a person narrows down inside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal, get_args

from shopdata.errors import BadUsage
from shopdata.metrics.catalogue import CATALOGUE
from shopdata.scope import Basis

TimeKind = Literal["placed", "paid", "shipped", "signed", "completed", "applied", "refunded"]
TIME_KINDS: tuple[TimeKind, ...] = get_args(TimeKind)

STATUSES = ("unpaid", "deposit_paid", "paid", "part_shipped", "shipped", "completed", "closed", "unknown")
SOURCES = ("live", "short_video", "product_card", "showcase", "image_text", "other", "pending", "unknown")
NO_AFTERSALE = "none"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What the orders must satisfy; an empty field asks nothing. Hashable: part of every cache key.

    Text fields: ``order`` order or line numbers (several, separated by blanks or commas), ``product`` id or
    part of the name, ``sku`` merchant code, ``buyer`` buyer id or part of receiver or phone, ``influencer``
    id or part of the nickname, ``waybill`` whole number, ``note`` part of a remark, ``reason`` part of the
    reason of cancelling or of an after-sale. ``start`` and ``end``: days of ``time``, inclusive. Amounts: fen
    paid, inclusive. ``stale``: unfinished orders whose state is older than the shop's newest order file.
    ``behind``: the orders a figure counted, as basis and metric (``paid.refund_rate``), in the scope's days.
    """

    order: str = ""
    product: str = ""
    sku: str = ""
    buyer: str = ""
    statuses: tuple[str, ...] = ()
    aftersales: tuple[str, ...] = ()
    pay_methods: tuple[str, ...] = ()
    time: TimeKind = "placed"
    start: date | None = None
    end: date | None = None
    amount_min: int | None = None
    amount_max: int | None = None
    sources: tuple[str, ...] = ()
    influencer: str = ""
    provinces: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    couriers: tuple[str, ...] = ()
    waybill: str = ""
    note: str = ""
    flags: tuple[str, ...] = ()
    reason: str = ""
    marks: tuple[str, ...] = ()
    stale: bool = False
    behind: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether every order passes (the kind of time alone asks nothing)."""
        return not any(key != "time" for key in self.as_params())

    @property
    def order_numbers(self) -> tuple[str, ...]:
        """The numbers in ``order``, whatever separates them."""
        return tuple(dict.fromkeys(self.order.replace(",", " ").replace("，", " ").replace(";", " ").split()))

    def as_params(self) -> dict[str, list[str]]:
        """URL parameters; what is at its default is left out."""
        return {
            field.name: _printed(value)
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }


def _printed(value: object) -> list[str]:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return ["1" if value is True else str(value)]


def parse_filter(params: Mapping[str, Sequence[str]], *, lenient: bool = False) -> OrderFilter:
    """The filter behind URL parameters; unknown names are not ours and ignored.

    Raises ``BadUsage`` for a value that cannot be meant; ``lenient`` leaves it out instead (a page must open
    whatever stands in its address).
    """
    values: dict[str, object] = {}
    for field in fields(OrderFilter):
        texts = [text for text in params.get(field.name, ()) if text]
        if not texts:
            continue
        try:
            values[field.name] = _parsed(field.name, texts)
        except ValueError as fault:
            if not lenient:
                raise BadUsage("bad_filter", name=field.name, value=texts[0]) from fault
    return OrderFilter(**values)  # type: ignore[arg-type]  # each value was parsed for its own field


def _parsed(name: str, texts: Sequence[str]) -> object:
    if name in ("start", "end"):
        return date.fromisoformat(texts[0])
    if name in ("amount_min", "amount_max"):
        return int(texts[0])
    if name == "stale":
        return texts[0] not in ("0", "false")
    if name == "behind":
        return _figure(texts[0])
    if name == "time":
        return _one_of(TIME_KINDS, texts[0])
    if name == "statuses":
        return tuple(_one_of(STATUSES, text) for text in dict.fromkeys(texts))
    if name == "sources":
        return tuple(_one_of(SOURCES, text) for text in dict.fromkeys(texts))
    if isinstance(getattr(OrderFilter(), name), tuple):
        return tuple(dict.fromkeys(texts))
    return texts[0].strip()


def _figure(text: str) -> str:
    basis, _, metric = text.partition(".")
    _one_of(get_args(Basis), basis)
    return f"{basis}.{_one_of(tuple(CATALOGUE), metric)}"


def _one_of(allowed: Sequence[str], text: str) -> str:
    if text not in allowed:
        raise ValueError(text)
    return text
