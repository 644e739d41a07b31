"""The fixtures of the import tests, and a store with one shop's orders in every state."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shopdata.imports.run import import_paths
from shopdata.ingest.client import Parser
from shopdata.store import open_store
from tests.imports.conftest import bring, parser, settings_in, store
from tests.imports.shop_files import Line, aftersales, commissions, parcels
from tests.imports.shop_files import orders as order_file

__all__ = ["bring", "parser", "store"]

# Four buyers, three provinces, five states; order 50 has two lines of different sources.
LINES = (
    Line(1, "已完成", "2026-10-01", more=(("收件人", "王小明"), ("买家留言", "请尽快 13812345678"))),
    Line(
        2, "已完成", "2026-10-02", more=(("流量体裁", "短视频"), ("达人ID", "777"), ("达人昵称", "小美穿搭"))
    ),
    Line(3, "已发货", "2026-10-03", more=(("省", "四川省"), ("市", "成都市"), ("旗帜颜色", "红"))),
    Line(
        4,
        "待发货",
        "2026-10-04",
        more=(("订单应付金额", "250.00"), ("支付优惠", "50.00"), ("商家备注", "急单")),
    ),
    Line(5, "待支付", "2026-10-05", more=(("订单应付金额", "999.00"), ("支付方式", "-"))),
    Line(6, "已关闭", "2026-10-06", more=(("取消原因", "不想要了"), ("省", "北京市"), ("市", "北京市"))),
    Line(
        51,
        "已完成",
        "2026-10-07",
        order=50,
        more=(("选购商品", "真丝衬衫"), ("商品ID", "3609999999999999999")),
    ),
    Line(
        52,
        "已完成",
        "2026-10-07",
        order=50,
        more=(("流量体裁", "商品卡"), ("商品数量", "3"), ("商家编码", "SKU-9")),
    ),
)


@pytest.fixture(scope="session")
def shop_home(tmp_path_factory: pytest.TempPathFactory, parser: Parser) -> Path:
    """A home with all of ``LINES``, an after-sale, commissions and parcels: to be copied, never opened."""
    folder = tmp_path_factory.mktemp("shop")
    files = [
        order_file(folder / "orders.csv", LINES),
        aftersales(folder / "refunded.csv", [LINES[1]]),
        aftersales(folder / "open.csv", [LINES[2]], status="待商家处理"),
        commissions(folder / "commissions.csv", [LINES[1]]),
        parcels(folder / "parcels.csv", LINES[:2]),
        parcels(folder / "parcels2.csv", [Line(51, day="2026-10-07", order=50)], courier="中通快递"),
    ]
    with open_store(settings_in(folder / "home")) as store:
        results = import_paths(store, files, parser=parser, shop="云裳集")
    assert [result.rejected for result in results] == [0] * 6, results
    return folder / "home"


@pytest.fixture
def shop(shop_home: Path, tmp_path: Path) -> None:
    """That home where ``store`` will be opened."""
    shutil.copytree(shop_home, tmp_path / "home")
