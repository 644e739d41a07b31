"""Amounts: exact fen or a reject, whatever the spelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.torture.declaration import Case
from tests.torture.making import Code, Formula, book, cell_verdict, cells, plain

INVALID, NEGATIVE = Code("amount_invalid"), Code("amount_negative")
SPELLED: Mapping[str, Any] = {
    "129.90": 12_990, "¥1,299.90": 129_990, "￥0": 0, "１２．５０": 1_250, "１，２３４．５０": 123_450,
    "12.30元": 1_230, "CNY 12.30": 1_230, "RMB12.30": 1_230, "\t5.00": 500, "'7.10": 710, '="8.20"': 820,
    "0.10": 10, "12.500": 1_250, ".5": 50, "100.": 10_000, "+4": 400, "-0.00": 0, "1,234,567.00": 123_456_700,
    "-": None, "": None, "—": None, "null": None, " 12.00 ": 1_200, "\u00a012.00": 1_200,
}  # fmt: skip
BROKEN: Mapping[str, Code] = {
    "-1.00": NEGATIVE, "−2.00": NEGATIVE, "-¥5.00": NEGATIVE, "¥-5.00": NEGATIVE, "(12.00)": NEGATIVE,
    "（12.00）": NEGATIVE, "－３.００": NEGATIVE, "-0.01": NEGATIVE, "NaN": INVALID, "nan": INVALID,
    "inf": INVALID, "-inf": INVALID, "Infinity": INVALID, "∞": INVALID, "1e309": INVALID, "1E+05": INVALID,
    "1e-3": INVALID, "0x1F": INVALID, "1_000": INVALID, "1.234,56": INVALID, "1234,56": INVALID,
    "12,5": INVALID, "1.234.567": INVALID, "1 234.50": INVALID, "12.345": INVALID, "0.001": INVALID,
    "1.2万": INVALID, "3万": INVALID, "十元": INVALID, "12.00美元": INVALID, "€5": INVALID, "USD 5": INVALID,
    "12.00 CNY元5": INVALID, "99999999999999999999": INVALID, "9" * 400: INVALID, "--5": INVALID,
    "5-": INVALID, "()": INVALID, "¥": INVALID, "١٢٫٥٠": INVALID, "12.30.": INVALID, "12.3O": INVALID,
    "=12*2": INVALID, "#VALUE!": INVALID, "无退款申请": INVALID, "12.00\n13.00": INVALID, "½": INVALID,
    "²5": INVALID,
}  # fmt: skip
NUMBERS: Mapping[Any, Any] = {
    129.9: 12_990, 0.1 + 0.2: 30, 169.00999999999999: 16_901, 1e9: 100_000_000_000, 0: 0, 12: 1_200,
    -1.5: NEGATIVE, 12.345: INVALID, 1e300: INVALID, 1e-9: INVALID, True: INVALID,
    Formula("=100+29.9", 129.9): 12_990, Formula("=1/0", "#DIV/0!"): Code("formula_without_value"),
}  # fmt: skip
PLAIN = {"订单应付金额": "", "支付优惠": ""}

CASES: tuple[Case, ...] = (
    cells("amounts-spelled", "订单应付金额", "payable_amount", SPELLED),
    cells("amounts-broken", "订单应付金额", "payable_amount", BROKEN),
    cells("prices-broken", "商品单价", "unit_price", BROKEN),
    cells("freight-broken", "运费", "freight_amount", BROKEN),
    plain(
        "amounts-as-numbers",
        lambda n: book([n.row(k) | {"订单应付金额": one} for k, one in enumerate(NUMBERS)]),
        cell_verdict("payable_amount", NUMBERS),
        "xlsx",
    ),
    plain(
        "amounts-broken-in-a-workbook",
        lambda n: book([n.row(k) | {"订单应付金额": one} for k, one in enumerate(BROKEN)]),
        cell_verdict("payable_amount", BROKEN),
        "xlsx",
    ),
    cells(
        "discounts-named",
        "优惠总金额",
        "discount_amount",
        {
            "满减券-5.00": 500,
            "新人券": None,
            "618-满减-12.30": 1_230,
            "店铺券-3.00;平台券-2.00": 500,
            "12.345": INVALID,
            "nan": INVALID,
            "1.2.3": INVALID,
            "满减券-1.234": INVALID,
        },
    ),
    cells(
        "an-amount-of-all-the-money",
        "订单应付金额",
        "payable_amount",
        {"90000000000000.00": 9 * 10**15, "90000000000000.01": INVALID, "99999999999999.99": INVALID},
    ),
)
