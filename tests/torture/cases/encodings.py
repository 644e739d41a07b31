"""Files in every encoding, and in none."""

from __future__ import annotations

from collections.abc import Callable

from tests.torture.declaration import Case, Numbers, refused, taken
from tests.torture.making import BOM, csv, plain, text

FEW = 3
MANY = 40
RARE = "\U00020bb7\u3400\U0002a6a5"  # characters that GB18030 writes in four bytes


def _in(encoding: str, mark: bytes = b"") -> Callable[[Numbers], bytes]:
    return lambda numbers: mark + text(numbers.rows(FEW)).encode(encoding)


def _broken(place: int, broken: bytes, count: int = MANY) -> Callable[[Numbers], bytes]:
    """The name of one product replaced by bytes."""

    def make(numbers: Numbers) -> bytes:
        rows = [numbers.row(n, 选购商品="@@@@" if n == place else "羊毛围巾") for n in range(count)]
        return csv(rows).replace(b"@@@@", broken)

    return make


def _half(first: str, second: str) -> Callable[[Numbers], bytes]:
    def make(numbers: Numbers) -> bytes:
        lines = text(numbers.rows(MANY)).splitlines(keepends=True)
        half = len(lines) // 2
        return "".join(lines[:half]).encode(first) + "".join(lines[half:]).encode(second)

    return make


def _one_row(encoding: str, other: str) -> Callable[[Numbers], bytes]:
    """One row in another encoding than the rest."""

    def make(numbers: Numbers) -> bytes:
        lines = text(numbers.rows(MANY)).splitlines(keepends=True)
        return b"".join(line.encode(other if n == 7 else encoding) for n, line in enumerate(lines))

    return make


def _big5(numbers: Numbers) -> bytes:
    """Traditional Chinese: no header of ours in it, whatever it is taken for."""
    return text(numbers.rows(FEW)).translate(TRADITIONAL).encode("big5", "ignore")


TRADITIONAL = str.maketrans(
    "订单编号购买卖选商规数量价应运费优总额惠付态时间发货承诺达昵称广东门毛围区",
    "訂單編號購買賣選商規數量價應運費優總額惠付態時間發貨承諾達暱稱廣東門毛圍區",
)

ALL = taken(FEW, stored={0: {"product_name": "羊毛围巾", "paid_amount": 10_000}})
CASES: tuple[Case, ...] = (
    plain("utf-8-without-bom", _in("utf-8"), ALL),
    plain("bom-twice", _in("utf-8", BOM.encode() * 2), ALL),
    plain("bom-four-times", _in("utf-8", BOM.encode() * 4), ALL),
    plain("utf-16-le-with-bom", _in("utf-16-le", b"\xff\xfe"), ALL),
    plain("utf-16-be-with-bom", _in("utf-16-be", b"\xfe\xff"), ALL),
    plain("utf-16-le-without-bom", _in("utf-16-le"), ALL),
    plain("utf-16-be-without-bom", _in("utf-16-be"), ALL),
    plain("utf-32-with-bom", _in("utf-32"), ALL),
    plain(
        "utf-16-cut-inside-a-letter",
        lambda n: _in("utf-16")(n)[:-101],
        taken(FEW, {FEW + 1: "too_few_fields"}),
    ),
    plain("gb18030", _in("gb18030"), ALL),
    plain(
        "gb18030-four-byte-letters",
        lambda n: text([n.row(0, 选购商品=RARE), n.row(1)]).encode("gb18030"),
        taken(2, stored={0: {"product_name": RARE}}),
    ),
    plain(
        "gb18030-cut-inside-a-letter",
        lambda n: _in("gb18030")(n)[:-60] + b"\xb9",
        taken(FEW, {FEW + 1: "too_few_fields"}),
    ),
    plain("utf-8-with-bytes-that-are-none", _broken(5, b"\xff\xff"), taken(MANY, {7: "undecodable"})),
    plain("utf-8-with-one-gbk-row", _one_row("utf-8", "gbk"), taken(MANY, {8: "undecodable"})),
    plain("gbk-with-one-utf-8-row", _one_row("gbk", "utf-8"), refused("encoding_unknown")),
    plain(
        "gbk-with-a-byte-at-the-end",
        lambda n: _in("gbk")(n) + b"\xff",
        taken(FEW + 1, {FEW + 2: "too_few_fields"}),
    ),
    plain("half-utf-8-half-gbk", _half("utf-8", "gbk"), refused("encoding_unknown")),
    plain("half-gbk-half-utf-8", _half("gbk", "utf-8"), refused("encoding_unknown")),
    plain("big5", _big5, refused("encoding_unknown")),
    plain("lone-continuation-byte", _broken(4, b"\x80\x81"), taken(MANY, {6: "undecodable"})),
    plain("overlong-utf-8", _broken(4, b"\xc0\x80\xe0\x80\x80"), taken(MANY, {6: "undecodable"})),
    plain("half-of-a-surrogate", _broken(4, b"\xed\xa0\x80"), taken(MANY, {6: "undecodable"})),
    plain("beyond-unicode", _broken(4, b"\xf4\x90\x80\x80"), taken(MANY, {6: "undecodable"})),
    plain("letter-cut-at-a-cell-s-end", _broken(4, "围".encode()[:2]), taken(MANY, {6: "undecodable"})),
    plain(
        "letters-nobody-sees",
        lambda n: csv([n.row(0, 选购商品="\u200b羊毛\u200b围巾\ufeff"), n.row(1)]),
        taken(2),
    ),
)
