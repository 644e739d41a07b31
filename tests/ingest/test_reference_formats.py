"""Files a shop keeps itself are told by their headers, and never take what belongs to a platform's export."""

import pytest

from shopdata.ingest.formats import recognise
from shopdata.platforms import Format, formats

REFERENCE = {key: one for key, one in formats().items() if one.reference}
PLATFORMS = [one for one in formats().values() if not one.reference and not one.by_content]


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda one: one.key)
@pytest.mark.parametrize("reference", REFERENCE.values(), ids=lambda one: one.key)
def test_an_export_with_a_column_of_ours_stays_what_it_is(platform: Format, reference: Format) -> None:
    own = [field.headers[0] for field in platform.fields.values() if field.headers]
    header = [name for name in own if name not in platform.unless]
    added = [name for name in reference.distinguishing[:3] if name not in {*header, *platform.unless}]
    found = recognise([[*header, *added]])
    assert found is not None
    assert found.match.format.key == platform.key


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("日期,消耗", "ads"),
        ("日期,账户,计划名称,消耗,展现次数,点击次数,成交订单数,成交金额", "ads"),
        ("日期,访客数", "traffic"),
        ("日期,载体,商品曝光人数,商品点击人数,成交人数,用户支付金额", "traffic"),
        ("统计日期,商品ID,商品名称,商品访客数,商品浏览量,支付买家数,支付金额", "traffic"),
        ("日期,用户支付金额,成交订单数,成交人数,退款金额,商品曝光人数", "compass_daily"),
        ("开播时间,下播时间,主播,观看人数,销售额,消耗", "live_sessions"),
        ("日期,主播,直播间,开始时间,结束时间", "host_shifts"),
        ("商家编码,商品名称,库存", "stock"),
        ("商家编码,仓库,可用库存,在途,采购周期,成本价", "stock"),
        ("商家编码,商品名称,成本价", "costs"),
        ("达人昵称,合作日期,坑位费", "costs"),
        ("达人,商品ID,佣金率,坑位费", "agreed_rates"),
        ("月份,指标,目标值", "targets"),
        ("月份,销售额目标", "targets"),
        ("日期,行业,指数", "benchmark"),
        ("date,campaign,spend,impressions,clicks", "ads"),
        ("sku code,warehouse,on hand,lead time", "stock"),
        ("sku code,unit cost,from", "costs"),
    ],
)
def test_a_list_is_recognised_by_its_names(header: str, key: str) -> None:
    found = recognise([header.split(",")])
    assert found is not None
    assert found.match.format.key == key


@pytest.mark.parametrize(
    "header",
    [
        "订单编号,商家编码,成本价,实付金额",
        "主订单编号,子订单编号,成本价",
        "商家编码,商品名称,售价",
        "日期,主播",
        "达人昵称,粉丝数,联系方式",
        "日期,金额",
        "姓名,电话,地址",
        "商品ID,佣金率,订单id,预估佣金支出",
    ],
)
def test_what_could_be_anything_is_none_of_them(header: str) -> None:
    found = recognise([header.split(",")])
    assert found is None or found.match.format.key not in REFERENCE
