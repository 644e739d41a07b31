"""Small exports in the platforms' shapes, written by plain Python, for tests of imports and orders."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ORDER_HEADERS = [
    "主订单编号",
    "子订单编号",
    "选购商品",
    "商品规格",
    "商品数量",
    "商品ID",
    "商家编码",
    "商品单价",
    "订单应付金额",
    "运费",
    "优惠总金额",
    "支付优惠",
    "支付方式",
    "收件人",
    "收件人手机号",
    "省",
    "市",
    "区",
    "街道",
    "详细地址",
    "买家留言",
    "订单提交时间",
    "旗帜颜色",
    "商家备注",
    "订单完成时间",
    "支付完成时间",
    "流量来源",
    "订单状态",
    "承诺发货时间",
    "达人ID",
    "达人昵称",
    "售后状态",
    "取消原因",
    "流量体裁",
    "发货时间",
]
PLAIN = {
    "选购商品": "羊毛围巾",
    "商品规格": "红色;均码",
    "商品数量": "1",
    "商品ID": "3601234567890123456",
    "商家编码": "SKU-1",
    "商品单价": "100.00",
    "订单应付金额": "100.00",
    "运费": "0.00",
    "优惠总金额": "0.00",
    "支付优惠": "0.00",
    "支付方式": "抖音支付",
    "收件人": "王小明",
    "收件人手机号": "13912345678",
    "省": "广东省",
    "市": "广州市",
    "区": "天河区",
    "街道": "石牌街道",
    "详细地址": "体育西路1号",
    "流量来源": "精选联盟",
    "流量体裁": "直播",
}
STATES = {
    "待支付": (),
    "待发货": ("支付完成时间",),
    "已发货": ("支付完成时间", "发货时间"),
    "已完成": ("支付完成时间", "发货时间", "订单完成时间"),
    "已关闭": (),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One order line of a test: number, state and day; anything else as the platform's header says."""

    number: int
    status: str = "已完成"
    day: str = "2026-10-05"
    order: int = 0
    more: tuple[tuple[str, str], ...] = ()

    @property
    def order_id(self) -> str:
        """The main order's number."""
        return order_id(self.order or self.number)

    def cells(self) -> dict[str, str]:
        """The row by header."""
        hours = iter(("10:05:00", "15:00:00", "20:00:00"))
        times = {name: f"{self.day} {next(hours)}" for name in STATES[self.status]}
        own = {
            "主订单编号": self.order_id,
            "子订单编号": line_id(self.number),
            "订单提交时间": f"{self.day} 10:00:00",
            "订单状态": self.status,
            "承诺发货时间": f"{self.day} 23:00:00",
        }
        return PLAIN | own | times | dict(self.more)


def order_id(number: int) -> str:
    """A main order number of 19 digits."""
    return f"69{number:017d}"


def line_id(number: int) -> str:
    """A line number of 19 digits."""
    return f"68{number:017d}"


def table(headers: Sequence[str], rows: Sequence[Mapping[str, str]], *, encoding: str = "utf-8-sig") -> bytes:
    """A CSV; a missing cell is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([[row.get(header, "") for header in headers] for row in rows])
    return text.getvalue().encode(encoding)


def orders(path: Path, lines: Sequence[Line], *, without: Sequence[str] = ()) -> Path:
    """A Douyin order export of these lines, some columns left out."""
    headers = [header for header in ORDER_HEADERS if header not in without]
    path.write_bytes(table(headers, [line.cells() for line in lines]))
    return path


AFTERSALE_HEADERS = [
    "售后单号",
    "订单号",
    "商品单号",
    "商品名称",
    "售后类型",
    "退商品金额（元）",
    "退运费金额（元）",
    "退支付优惠（元）",
    "售后状态",
    "售后申请时间",
    "商家退款时间",
    "售后完结时间",
    "售后原因",
]


def aftersales(path: Path, lines: Sequence[Line], *, status: str = "同意退款，退款成功") -> Path:
    """A Douyin after-sale export: one full return a line."""
    rows = [
        {
            "售后单号": f"14{line.number:017d}",
            "订单号": line.order_id,
            "商品单号": line_id(line.number),
            "商品名称": "羊毛围巾",
            "售后类型": "退货退款",
            "退商品金额（元）": "100.00",
            "退运费金额（元）": "0.00",
            "退支付优惠（元）": "0.00",
            "售后状态": status,
            "售后申请时间": f"{line.day} 21:00:00",
            "商家退款时间": f"{line.day} 22:00:00" if "成功" in status else "-",
            "售后完结时间": f"{line.day} 22:00:00" if "成功" in status else "-",
            "售后原因": "不喜欢",
        }
        for line in lines
    ]
    path.write_bytes(table(AFTERSALE_HEADERS, rows))
    return path


COMMISSION_HEADERS = [
    "订单id",
    "商品id",
    "商品名称",
    "作者账号",
    "抖音/火山号",
    "支付金额",
    "佣金率",
    "预估佣金支出",
    "结算金额",
    "实际佣金支出",
    "订单状态",
    "付款时间",
    "收货时间",
    "订单结算时间",
]


def commissions(path: Path, lines: Sequence[Line]) -> Path:
    """A Douyin alliance export: 10 % of each line, not settled."""
    rows = [
        {
            "订单id": line_id(line.number) + "\t",
            "商品id": "3601234567890123456\t",
            "商品名称": "羊毛围巾",
            "作者账号": "小美穿搭",
            "抖音/火山号": "xiaomei",
            "支付金额": "100.00",
            "佣金率": "10.00%",
            "预估佣金支出": "10.00",
            "结算金额": "0.00",
            "实际佣金支出": "0.00",
            "订单状态": "订单付款",
            "付款时间": f"{line.day} 10:05:00",
        }
        for line in lines
    ]
    path.write_bytes(table(COMMISSION_HEADERS, rows))
    return path


PARCEL_HEADERS = ["运单号", "订单编号", "快递公司", "发货时间", "揽件时间", "签收时间"]


def parcels(path: Path, lines: Sequence[Line], *, courier: str = "顺丰速运") -> Path:
    """A courier's file: one signed parcel an order."""
    rows = [
        {
            "运单号": f"SF{line.number:013d}",
            "订单编号": line.order_id,
            "快递公司": courier,
            "发货时间": f"{line.day} 15:00:00",
            "揽件时间": f"{line.day} 18:00:00",
            "签收时间": f"{line.day} 19:30:00",
        }
        for line in lines
    ]
    path.write_bytes(table(PARCEL_HEADERS, rows))
    return path
