"""Settlement bills and fund flows in the platform's true shape, made in the test; figures by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_BILL = (
    "结算时间,订单号,子订单号,结算金额,结算账户,结算单类型,有结算前退款,下单时间,商品ID,商品数量,业务类型,订单类型,"
    "订单总价,商品总价,运费,店铺劵,结算前退款金额,平台补贴,达人补贴,抖音支付补贴,抖音月付营销补贴,用户实付,收入合计,"
    "平台服务费,佣金,渠道分成,招商服务费,站外推广费,其他分成,其他分成说明,支出合计,是否免佣,免佣金额,备注"
)
BILL = _BILL.split(",")
EXPLAINED = ["", "", "", "收入+支出", *[""] * 18, "实付+补贴", *[""] * 7, "各项费用之和", "", "", ""]
MAIN, SUB = "6917926768823643751", "6917926768823643752"
FEES = ("平台服务费", "佣金", "招商服务费", "站外推广费", "支出合计")


def entry(number: int = 0, sign: int = -1, **cells: str) -> dict[str, str]:
    """100.00 paid and 5.00 + 1.00 + 0.50 of subsidies; 5.33 + 20.00 + 2.00 + 0.17 of fees: 79.00 settled."""
    row = {
        "结算时间": f"2026-10-10 08:00:{number:02}",
        "订单号": f"'{int(MAIN) + 7919 * number}",
        "子订单号": f"'{int(SUB) + 7919 * number}",
        "结算金额": "79.00",
        "结算账户": "聚合账户",
        "结算单类型": "已结算",
        "有结算前退款": "否",
        "下单时间": "2026-10-01 10:00:00",
        "商品ID": "'3571234567890123456",
        "商品数量": "1",
        "业务类型": "精选联盟",
        "平台补贴": "5.00",
        "抖音支付补贴": "1.00",
        "抖音月付营销补贴": "0.50",
        "用户实付": "100.00",
        "收入合计": "106.50",
        "平台服务费": "5.33",
        "佣金": "20.00",
        "渠道分成": "0.00",
        "招商服务费": "2.00",
        "站外推广费": "0.17",
        "支出合计": "27.50",
        "是否免佣": "否",
    }
    for name in FEES:
        row[name] = row[name] if sign > 0 else f"-{row[name]}"
    return row | cells


def refund(number: int = 0, sign: int = -1) -> dict[str, str]:
    """Refunded after settlement: what was paid goes back, and so do the fees, with the opposite sign."""
    row = entry(number, -sign, 结算单类型="结算后退款-原路退回", 结算时间="2026-10-20 09:00:00")
    return row | {"用户实付": "-100.00", "收入合计": "-106.50", "结算金额": "-79.00"}


_FLOW = (
    "动账时间,动帐流水号,动账方向,动账金额,动账账户,动账场景,计费类型,子订单号,订单号,售后编号,下单时间,商品ID,订单类型,"
    "订单实付应结,运费实付,实际平台补贴_运费,实际平台补贴,实际达人补贴,实际抖音支付补贴,实际抖音月付营销补贴,订单退款,"
    "平台服务费,佣金,渠道分成,招商服务费,站外推广费,其他分成,是否免佣,免佣金额,备注"
)
FLOW = _FLOW.split(",")
_MORE = "商品名称,达人ID,达人名称,其他平台补贴,以旧换新抵扣,政府补贴平台垫资,银行补贴,服务商佣金,商户主体名称"
WIDE_FLOW = [*FLOW, *_MORE.split(",")]


def inflow(number: int = 0, **cells: str) -> dict[str, str]:
    """100.00 of goods + 6.50 of subsidies - 27.78 of platform fee - 0.09 of promotion: 78.63 came in."""
    return {
        "动账时间": f"2026-10-10 08:00:{number:02}",
        "动帐流水号": f"'7012{number:012}",
        "动账方向": "入账",
        "动账金额": "78.63",
        "动账账户": "聚合账户",
        "动账场景": "货款结算入账",
        "子订单号": f"'{int(SUB) + 7919 * number}",
        "订单号": f"'{int(MAIN) + 7919 * number}",
        "下单时间": "2026-10-01 10:00:00",
        "商品ID": "'3571234567890123456",
        "订单实付应结": "100.00",
        "实际平台补贴": "5.00",
        "实际抖音支付补贴": "1.00",
        "实际抖音月付营销补贴": "0.50",
        "订单退款": "0.00",
        "平台服务费": "-27.78",
        "站外推广费": "-0.09",
    } | cells


def outflow(number: int, scene: str, amount: str, **cells: str) -> dict[str, str]:
    """Money that left, with no order unless one is given."""
    return {
        "动账时间": f"2026-10-12 09:00:{number:02}",
        "动帐流水号": f"'7013{number:012}",
        "动账方向": "出账",
        "动账金额": amount,
        "动账场景": scene,
    } | cells


def bill_text(rows: Sequence[Mapping[str, str]], header: Sequence[str] = BILL) -> str:
    """A bill with the row under its header that explains the columns."""
    return _text([header, EXPLAINED[: len(header)], *_cells(rows, header)])


def flow_text(rows: Sequence[Mapping[str, str]], header: Sequence[str] = FLOW) -> str:
    """A fund flow."""
    return _text([header, *_cells(rows, header)])


def _cells(rows: Sequence[Mapping[str, str]], header: Sequence[str]) -> list[list[str]]:
    return [[row.get(name, "-") for name in header] for row in rows]


def _text(lines: Sequence[Sequence[str]]) -> str:
    return "".join(",".join(line) + "\r\n" for line in lines)
