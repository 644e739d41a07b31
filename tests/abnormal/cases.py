"""For every rule an order just outside its limit and one just inside, as rows of real exports.

All of them go into one store, so that the files are read once. ``NOW`` is the wall clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.abnormal.conftest import NOW
from tests.imports.shop_files import (
    AFTERSALE_HEADERS,
    COMMISSION_HEADERS,
    ORDER_HEADERS,
    PARCEL_HEADERS,
    PLAIN,
    line_id,
    order_id,
    table,
)

Cells = Mapping[str, str]
MORE_ORDER_HEADERS = ("平台优惠", "商家优惠", "达人优惠", "订单类型", "仓库名称")
MORE_AFTERSALE_HEADERS = (
    "自动处理截止时间", "同意售后申请时间", "退货物流单号", "退货物流状态", "退货发货时间", "仲裁状态",
)  # fmt: skip
SETTLEMENT_HEADERS = (
    "订单号",
    "子订单号",
    "结算时间",
    "结算金额",
    "结算单类型",
    "收入合计",
    "支出合计",
    "下单时间",
)


def at(hours: float) -> str:
    """The time so many hours from now, as platforms print it."""
    return (NOW + timedelta(hours=hours)).isoformat(" ", "seconds")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one order, by header, on top of an order that is shipped, signed, completed and settled."""

    order: Cells = field(default_factory=dict)
    aftersale: Cells | None = None
    parcel: Cells | None = None
    commission: Cells | None = None
    settlement: Cells | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """``fires`` is flagged by ``rule``, ``quiet`` is not. ``past``: only ``--all`` lists it."""

    rule: str
    fires: Rows
    quiet: Rows
    severity: str = ""
    past: bool = False
    name: str = ""


def waiting(paid: float, promise: float | None, **more: str) -> Rows:
    """Paid and to be shipped."""
    due = {"承诺发货时间": at(promise)} if promise is not None else {"承诺发货时间": ""}
    placed = {"订单提交时间": at(paid - 0.1), "支付完成时间": at(paid)}
    return Rows({"订单状态": "待发货", **placed, **due, "发货时间": "", "订单完成时间": "", **more})


def unpaid(placed: float, yuan: str = "100.00") -> Rows:
    """Placed and not paid."""
    cells = {"订单状态": "待支付", "订单提交时间": at(placed), "订单应付金额": yuan, "承诺发货时间": ""}
    return Rows({**cells, "支付完成时间": "", "发货时间": "", "订单完成时间": ""})


def shipped(hours: float, **parcel: str) -> Rows:
    """On its way since so many hours, with a row of the courier's."""
    order = {
        "订单状态": "已发货", "订单提交时间": at(hours - 5), "支付完成时间": at(hours - 4),
        "承诺发货时间": at(hours + 1), "发货时间": at(hours), "订单完成时间": "",
    }  # fmt: skip
    return Rows(order, parcel={"发货时间": at(hours), "揽件时间": "", "签收时间": "", **parcel})


def aftersale(applied: float, status: str, order: Cells | None = None, **more: str) -> Rows:
    """An after-sale case of an order completed a while ago."""
    blank = {"商家退款时间": "-", "售后完结时间": "-"}
    return Rows(order or {}, aftersale={"售后申请时间": at(applied), "售后状态": status, **blank, **more})


def refund(yuan: str, order: Cells | None = None) -> Rows:
    """A successful refund of an order completed a while ago."""
    cells = {
        "售后申请时间": at(-60),
        "商家退款时间": at(-50),
        "售后完结时间": at(-50),
        "退商品金额（元）": yuan,
    }
    return Rows(order or {}, aftersale=cells)


def commission(yuan: str, base: str = "100.00", **more: str) -> Cells:
    """A settled commission at 10 %."""
    settled = {"实际佣金支出": yuan, "结算金额": base, "订单结算时间": at(-40), "订单状态": "订单结算"}
    return {**settled, "付款时间": at(-700), **more}


PENDING = "待商家处理"
MISSING_TIME = {
    "订单完成时间": at(-300), "发货时间": at(-400), "支付完成时间": at(-500), "订单提交时间": at(-500.2),
}  # fmt: skip
ALLIANCE = {"达人ID": "11", "达人昵称": "小美"}
RETURNED = {"订单完成时间": at(-100), **ALLIANCE}
RECENT = {"订单提交时间": at(-49), "发货时间": at(-47), "订单完成时间": "", **ALLIANCE}
CASES: Sequence[Case] = (
    Case("ship_due_soon", waiting(-20, 11.9), waiting(-20, 12.1), "medium"),
    Case("ship_due_soon", waiting(-20, 3.9), waiting(-20, 12.1), "high", name="high"),
    Case("ship_due_soon", waiting(-36.1, None), waiting(-35.9, None), "medium", name="without a promise"),
    Case("ship_overdue", waiting(-50, -0.1), waiting(-50, 0.1), "high"),
    Case("ship_overdue", waiting(-48.1, None), waiting(-47.9, None), "high", name="without a promise"),
    Case(
        "ship_overdue",
        Rows({**MISSING_TIME, "承诺发货时间": at(-400.1)}),
        Rows({**MISSING_TIME, "承诺发货时间": at(-399.9)}),
        "high", past=True, name="shipped late",
    ),
    Case("unpaid", unpaid(-0.2), unpaid(-0.1), "medium"),
    Case("unpaid", unpaid(-20.1), unpaid(-0.1), "high", name="four hours left"),
    Case("unpaid", unpaid(-24.1), unpaid(-0.1), past=True, name="too late"),
    Case("unpaid_large", unpaid(-1, "131.00"), unpaid(-1, "129.00"), "high"),
    Case(
        "aftersale_deadline",
        aftersale(-30, PENDING, 自动处理截止时间=at(11.9)),
        aftersale(-30, PENDING, 自动处理截止时间=at(12.1)),
        "medium",
    ),
    Case(
        "aftersale_deadline", aftersale(-44.1, PENDING), aftersale(-35.9, PENDING), "high", name="estimated"
    ),
    Case(
        "aftersale_deadline",
        aftersale(-47, PENDING),
        aftersale(-47, "待商家收货", 同意售后申请时间=at(-40)),
        "high", name="estimated only until somebody acts",
    ),
    Case(
        "aftersale_deadline",
        aftersale(-90, PENDING, 自动处理截止时间=at(-1)),
        aftersale(-90, "售后关闭", 自动处理截止时间=at(-1)),
        "high", name="over",
    ),
    Case("return_open", aftersale(-1, PENDING), aftersale(-1, "待买家退货"), "high"),
    Case(
        "refunded_but_shipped",
        Rows(shipped(-5).order, aftersale={"售后申请时间": at(-5.1), "售后状态": PENDING}),
        Rows(shipped(-5).order, aftersale={"售后申请时间": at(-4.9), "售后状态": PENDING}),
        "high",
    ),
    Case("refund_exceeds_paid", refund("100.02"), refund("100.01"), "high"),
    Case(
        "return_not_refunded",
        Rows({}, aftersale={
            "售后申请时间": at(-200), "售后状态": "待商家收货", "退货物流单号": "BACK0000000001",
            "商家退款时间": "-", "售后完结时间": "-",
        }, parcel={"运单号": "BACK0000000001", "签收时间": at(-48.1)}),
        Rows({}, aftersale={
            "售后申请时间": at(-200), "售后状态": "待商家收货", "退货物流单号": "BACK0000000002",
            "商家退款时间": "-", "售后完结时间": "-",
        }, parcel={"运单号": "BACK0000000002", "签收时间": at(-47.9)}),
        "high",
    ),
    Case(
        "return_not_sent",
        aftersale(-200, "待买家退货", 同意售后申请时间=at(-7 * 24 - 0.1)),
        aftersale(-200, "待买家退货", 同意售后申请时间=at(-7 * 24 + 0.1)),
        "low",
    ),
    Case("arbitration_evidence_due", aftersale(-9, "仲裁中-待商家举证"), aftersale(-9, "仲裁中"), "high"),
    Case(
        "escalation_possible",
        aftersale(-300, "拒绝售后申请", 售后完结时间=at(-7 * 24 + 0.1)),
        aftersale(-300, "拒绝售后申请", 售后完结时间=at(-7 * 24 - 0.1)),
        "low",
    ),
    Case(
        "logistics_dispute",
        aftersale(-9, "仲裁中", 售后原因="物流一直没有更新"),
        aftersale(-9, "仲裁中", 售后原因="不喜欢"),
        "high",
    ),
    Case(
        "malicious_claim",
        Rows(aftersale={"售后申请时间": at(-5), "售后状态": PENDING, "退商品金额（元）": "100.02"}),
        Rows(aftersale={"售后申请时间": at(-5), "售后状态": PENDING, "退商品金额（元）": "100.01"}),
        "high",
    ),
    Case("pickup_overdue", shipped(-24.1), shipped(-23.9), "high"),
    Case("tracking_stale", shipped(-80, 揽件时间=at(-72.1)), shipped(-80, 揽件时间=at(-71.9)), "medium"),
    Case("tracking_stale", shipped(-24.1), shipped(-23.9), "medium", name="never scanned"),
    Case("tracking_invalid", shipped(-3, 运单号="SF12345678901"), shipped(-3), "medium"),
    Case(
        "tracking_before_order",
        shipped(-3, 揽件时间=at(-8 - 24.1)),
        shipped(-3, 揽件时间=at(-8 - 23.9)),
        "high",
    ),
    Case("in_transit_too_long", shipped(-15 * 24 - 0.1), shipped(-15 * 24 + 0.1), "medium"),
    Case(
        "signed_too_fast",
        shipped(-9, 揽件时间=at(-8.9), 签收时间=at(-7.1)),
        shipped(-9, 揽件时间=at(-8.9), 签收时间=at(-6.9)),
        "medium",
    ),
    Case(
        "time_inverted",
        Rows({"订单提交时间": at(-500), "支付完成时间": at(-500 - 61 / 3600)}),
        Rows({"订单提交时间": at(-500), "支付完成时间": at(-500 - 60 / 3600)}),
        "low",
    ),
    Case(
        "time_inverted",
        Rows({**MISSING_TIME, "发货时间": at(-501)}),
        Rows(MISSING_TIME),
        "high", name="shipped an hour before it was paid",
    ),
    Case(
        "status_contradiction",
        Rows({"订单状态": "已发货", "发货时间": "", "订单完成时间": ""}),
        Rows({"订单状态": "已发货", "订单完成时间": ""}),
        "low",
    ),
    Case(
        "paid_zero",
        Rows({"订单应付金额": "0.00", "优惠总金额": "100.00", "商家优惠": "100.00", "订单完成时间": at(-90)}),
        Rows({"订单应付金额": "0.00", "优惠总金额": "100.00", "商家优惠": "100.00", "选购商品": "赠品围巾"}),
        "medium",
    ),
    Case(
        "discount_mismatch",
        Rows({"优惠总金额": "10.00", "订单应付金额": "90.00", "平台优惠": "0.00", "商家优惠": "9.94"}),
        Rows({"优惠总金额": "10.00", "订单应付金额": "90.00", "平台优惠": "0.00", "商家优惠": "9.95"}),
        "low",
    ),
    Case(
        "order_sum_mismatch",
        Rows({"订单应付金额": "99.94"}),
        Rows({"订单应付金额": "99.95"}),
        "low",
    ),
    Case(
        "price_below_usual",
        Rows({"订单应付金额": "69.00", "商品单价": "69.00", "订单提交时间": at(-30), "支付完成时间": at(-29),
              "发货时间": at(-28), "订单完成时间": ""}),
        Rows({"订单应付金额": "71.00", "商品单价": "71.00", "订单提交时间": at(-30), "支付完成时间": at(-29),
              "发货时间": at(-28), "订单完成时间": ""}),
        "medium",
    ),
    Case(
        "amount_unusual",
        Rows({"商品数量": "11", "订单应付金额": "1100.00", "订单提交时间": at(-30), "支付完成时间": at(-29),
              "发货时间": at(-28), "订单完成时间": ""}),
        Rows({"商品数量": "2", "订单应付金额": "200.00", "订单提交时间": at(-30), "支付完成时间": at(-29),
              "发货时间": at(-28), "订单完成时间": ""}),
        "medium",
    ),
    Case(
        "commission_rate_mismatch",
        Rows(ALLIANCE, commission=commission("10.51")),
        Rows(ALLIANCE, commission=commission("10.50")),
        "high",
    ),
    Case(
        "commission_on_refund",
        Rows(RETURNED, refund("100.00").aftersale, commission=commission("10.00")),
        Rows(RETURNED, refund("99.99").aftersale, commission=commission("10.00")),
        "high",
    ),
    Case(
        "commission_missing",
        Rows({**RECENT, "支付完成时间": at(-48.1)}),
        Rows({**RECENT, "支付完成时间": at(-47.9)}),
        "medium",
    ),
    Case(
        "settlement_overdue",
        Rows({"订单完成时间": at(-10 * 24 - 2)}, settlement=None),
        Rows({"订单完成时间": at(-10 * 24 + 2)}, settlement=None),
        "high",
    ),
    Case(
        "settlement_mismatch",
        Rows(settlement={"收入合计": "100.00", "支出合计": "5.00", "结算金额": "94.98"}),
        Rows(settlement={"收入合计": "100.00", "支出合计": "5.00", "结算金额": "94.99"}),
        "high",
    ),
)  # fmt: skip


def numbered() -> Iterator[tuple[int, Rows]]:
    """Every order of the table with its number: the firing one odd, the quiet one even."""
    for place, case in enumerate(CASES):
        yield 2 * place + 1, case.fires
        yield 2 * place + 2, case.quiet


BACKGROUND = range(501, 541)


def order_cells(number: int, more: Cells) -> Cells:
    """An order of a product card, long completed, but for what is said."""
    return {
        **PLAIN, "流量来源": "", "流量体裁": "商品卡",
        "主订单编号": order_id(number), "子订单编号": line_id(number), "订单状态": "已完成",
        "订单提交时间": at(-500.2), "支付完成时间": at(-500), "发货时间": at(-480),
        "订单完成时间": at(-200), "承诺发货时间": at(-470),
        "收件人": f"买家{number}", "详细地址": f"{number}号", **more,
    }  # fmt: skip


def aftersale_cells(number: int, more: Cells) -> Cells:
    """A refund in full, unless said otherwise."""
    return {
        "售后单号": f"14{number:017d}", "订单号": order_id(number), "商品单号": line_id(number),
        "商品名称": "羊毛围巾", "售后类型": "退货退款",
        "退商品金额（元）": "100.00",
        "退运费金额（元）": "0.00", "售后状态": "同意退款，退款成功", "售后原因": "不喜欢", **more,
    }  # fmt: skip


def parcel_cells(number: int, more: Cells) -> Cells:
    """A parcel of the order."""
    own = {"运单号": f"SF{number:013d}", "订单编号": order_id(number), "快递公司": "顺丰速运"}
    return {**own, **more}


def commission_cells(number: int, more: Cells) -> Cells:
    """A commission row of the order's line."""
    return {
        "订单id": line_id(number), "商品id": PLAIN["商品ID"], "商品名称": "羊毛围巾", "作者账号": "小美",
        "抖音/火山号": "xiaomei", "支付金额": "100.00", "佣金率": "10.00%", "预估佣金支出": "10.00", **more,
    }  # fmt: skip


def settlement_cells(number: int, more: Cells) -> Cells:
    """An entry of the bill that adds up."""
    return {
        "订单号": order_id(number), "子订单号": line_id(number), "结算时间": at(-30), "结算单类型": "已结算",
        "下单时间": at(-500.2), "收入合计": "100.00", "支出合计": "5.00", "结算金额": "95.00", **more,
    }  # fmt: skip


def usual(number: int) -> Cells:
    """Prices around 100 yuan."""
    price = f"{95 + (number % 11)}.00"
    return {"订单应付金额": price, "商品单价": price}


def write(folder: Path) -> list[Path]:
    """The files of all cases, with usual orders around them and rows that stretch what the files cover."""
    every = dict(numbered()) | {number: Rows(usual(number)) for number in BACKGROUND}
    first, second, *_ = BACKGROUND
    ends = [commission_cells(first, commission("10.00", 付款时间=at(-1)))]
    ends += [commission_cells(number, commission("10.00")) for number in BACKGROUND[1:]]
    bills = [settlement_cells(first, {"结算时间": at(-800)}), settlement_cells(second, {"结算时间": at(-1)})]
    late = aftersale_cells(1, {"售后单号": f"14{999:017d}", "售后申请时间": at(-0.5), "售后状态": "售后关闭"})
    return [
        file(
            folder / "orders.csv",
            (*ORDER_HEADERS, *MORE_ORDER_HEADERS),
            [order_cells(number, rows.order) for number, rows in every.items()],
        ),
        file(
            folder / "aftersales.csv",
            (*AFTERSALE_HEADERS, *MORE_AFTERSALE_HEADERS),
            [*_told(every, "aftersale", aftersale_cells), late],
        ),
        file(folder / "parcels.csv", PARCEL_HEADERS, _told(every, "parcel", parcel_cells)),
        file(
            folder / "commissions.csv",
            COMMISSION_HEADERS,
            [*_told(every, "commission", commission_cells), *ends],
        ),
        file(
            folder / "settlements.csv",
            SETTLEMENT_HEADERS,
            [*_told(every, "settlement", settlement_cells), *bills],
        ),
    ]


def _told(every: Mapping[int, Rows], name: str, cells: Callable[[int, Cells], Cells]) -> list[Cells]:
    rows = ((number, getattr(one, name)) for number, one in every.items())
    return [cells(number, more) for number, more in rows if more is not None]


def file(path: Path, headers: Sequence[str], rows: Sequence[Cells]) -> Path:
    """One export."""
    path.write_bytes(table(list(dict.fromkeys(headers)), rows))
    return path
