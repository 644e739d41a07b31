"""Taobao and Tmall exports in their true shapes: headers as printed, rows made up here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

_HEADERS: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("taobao_headers.toml").read_text(encoding="utf-8")
)
LIST_2016, LIST_2017, LIST_54, LIST_2025, LINES_OLD, LINES_2025, REFUNDS_OLD, REFUNDS_NEW, CPS = (
    *(_HEADERS[key] for key in ("list_2016", "list_2017", "list_54", "list_2025", "lines_old", "lines_2025")),
    *(_HEADERS[key] for key in ("refunds_old", "refunds_new", "cps")),
)

Cells = Mapping[str, str]


def number(place: int) -> str:
    """An order number of 17 digits."""
    return str(35_153_131_473_200_000 + 7_919 * place)


def whole(place: int = 0, **cells: str) -> dict[str, str]:
    """A row of the order report by header (blanks trimmed): goods 201.12, freight 10, sent."""
    return {
        "订单编号": number(place),
        "买家会员名": f"buyer_{place}",
        "买家应付货款": "201.12",
        "买家应付邮费": "10.00",
        "总金额": "211.12",
        "买家实际支付金额": "211.12",
        "买家实付金额": "211.12",
        "退款金额": "0.00",
        "订单状态": "卖家已发货，等待买家确认",
        "买家留言": "'null",
        "收货人姓名": "张三",
        "收货地址": "浙江省 杭州市 西湖区 北山街道某路1号(310000)",
        "联系电话": "'",
        "联系手机": "'13912345678",
        "订单创建时间": "2026-11-01 10:00:00",
        "订单付款时间": "2026-11-01 10:00:30",
        "宝贝标题": "毛衣，围巾",
        "商品标题": "毛衣，围巾",
        "宝贝种类": "2",
        "物流单号": "No:VB37896852141",
        "物流公司": "邮政快递包裹",
        "订单备注": "急",
        "宝贝总数量": "3",
        "店铺Id": "0",
        "店铺名称": "某某旗舰店",
        "订单关闭原因": "订单未关闭",
        "卖家服务费": "0元",
        "买家服务费": "0元",
        "是否手机订单": "手机订单",
    } | cells


def item(place: int = 0, line: int = 0, **cells: str) -> dict[str, str]:
    """A row of the item report by header, old and new names: one sweater at 239."""
    return {
        "订单编号": number(place),
        "主订单编号": number(place),
        "子订单编号": str(int(number(place)) + line),
        "标题": "毛衣",
        "商品标题": "毛衣",
        "价格": "239.00",
        "商品价格": "239.00",
        "购买数量": "1",
        "外部系统编号": "A-1",
        "商家编码": "A-1",
        "商品属性": "颜色分类:红色;尺码:M",
        "订单状态": "卖家已发货，等待买家确认",
        "买家应付货款": "201.12",
        "买家实付金额": "201.12",
        "退款状态": "没有申请退款",
        "退款金额": "无退款申请",
        "订单创建时间": "2026-11-01 10:00:00",
        "订单付款时间": "2026-11-01 10:00:30",
        "商品ID": "521234567890",
    } | cells


def old_csv(
    headers: Sequence[str], rows: Sequence[Cells], *, extra: str = "", encoding: str = "gb18030"
) -> bytes:
    """As the platform wrote it for years: quoted, the first cell a formula, ``extra`` behind each row."""
    lines = [",".join(headers)]
    for row in rows:
        first, *rest = (row.get(header.strip(), "") for header in headers)
        cells = [f'="{first}"', *(f'"{cell}"' for cell in rest)]
        lines.append(",".join(cells) + extra)
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def sheet(headers: Sequence[str], rows: Sequence[Cells]) -> list[list[str]]:
    """Header and rows of text cells."""
    return [list(headers), *([row.get(header.strip(), "") for header in headers] for row in rows)]


def write(path: Path, data: bytes) -> Path:
    """A file with these bytes."""
    path.write_bytes(data)
    return path
