"""The format files agree with the store, with each other, and with the words people read."""

import re

import pytest

from shopdata.errors import Refused
from shopdata.ingest.convert import CODES
from shopdata.ingest.formats import recognise
from shopdata.ingest.report import COUNTED
from shopdata.ingest.rules import RULES, SIDE_KEYS
from shopdata.platforms import Format, formats, plain
from shopdata.platforms.places import places
from shopdata.store.tables import ENTITIES
from shopdata.words import words

ALL = pytest.mark.parametrize("one", formats().values(), ids=lambda one: one.key)
STATUSES = {
    "orders": {"unpaid", "deposit_paid", "paid", "part_shipped", "shipped", "completed", "closed"},
}
DERIVED = {
    "paid_amount",
    "paid_by_status",
    "refund_amount",
    "dispute",
    "party_id",
    "courier",
    "waybill",
    "unit_price",
    "province",
    "city",
}


@ALL
def test_every_field_is_a_column_of_the_store(one: Format) -> None:
    entity = ENTITIES[one.table]
    known = {*entity.state_columns, *entity.key}
    stored = {field.name for field in one.fields.values() if field.stored}
    raw = {field.raw for field in one.fields.values() if field.raw}
    assert stored | raw | one.constants.keys() <= known
    assert one.row_key == entity.key


def test_rows_made_beside_have_the_keys_of_their_table() -> None:
    assert all(ENTITIES[table].key == key for table, key in SIDE_KEYS.items())


@ALL
def test_every_rule_and_shape_exists(one: Format) -> None:
    assert set(one.rules) <= RULES.keys()
    assert all(re.compile(field.shape) for field in one.fields.values())
    assert all(field.shape for field in one.fields.values() if field.type in ("id", "order_list"))


@ALL
def test_no_header_belongs_to_two_fields(one: Format) -> None:
    shared = {"货号"}
    names = [plain(name) for field in one.fields.values() for name in field.headers]
    assert {name for name in names if names.count(name) > 1} <= shared


@ALL
def test_every_status_has_a_rank(one: Format) -> None:
    meanings = set(one.fields["status"].words.values()) if "status" in one.fields else set()
    assert meanings <= one.ranks.keys()
    assert meanings <= STATUSES.get(one.kind, meanings)


@ALL
def test_the_whole_header_of_a_format_is_recognised_as_it(one: Format) -> None:
    if one.by_content:
        return
    names = (header for field in one.fields.values() for header in field.headers[:1])
    first = [header for header in names if header not in one.unless]
    found = recognise([first])
    assert found is not None
    assert found.match.format.key == one.key


@ALL
def test_every_format_has_a_name_in_both_languages(one: Format) -> None:
    for language in ("zh", "en"):
        assert f"ui.formats.{one.key}" in words(language).entries


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_code_has_its_sentence(language: str) -> None:
    spoken = words(language).entries
    more = ("too_few_fields", "too_many_fields", "conflicting_duplicate")
    assert not [code for code in (*CODES, *more) if f"imports.rejects.{code}" not in spoken]
    warned = ("unknown_status", "unknown_word", "unknown_province", "unknown_header", "paid_unknown")
    sheets = ("sheet_hidden", "sheet_ignored", "sheet_other_format")
    assert not [code for code in (*warned, *sheets) if f"imports.warnings.{code}" not in spoken]
    found = (
        *("refund_gross", "refund_net", "goods_unit", "goods_line", "goods_unclear", "paid_by_status"),
        *("source_pending", "one_row_a_main_order", "line_numbers_made", "payment_discount_absent"),
        *("fees_negative", "fees_positive", "fees_unclear"),
        *("fees_negative_by_sign", "fees_positive_by_sign", "sums_differ"),
        *("amount_signed", "amount_contradicts"),
        *("sign_time_absent", "sign_time_real", "freight_inside", "freight_outside", "freight_unclear"),
        *("time_meaning_unknown", "tab_told", *COUNTED),
    )
    assert not [code for code in found if f"imports.findings.{code}" not in spoken]


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("主订单编号,订单状态,订单提交时间", "douyin_orders"),
        ("订单编号,子订单编号,订单状态,支付完成时间", "douyin_orders"),
        ("售后单号,订单号,商品单号,售后状态", "douyin_aftersales"),
        ("订单id,作者账号,佣金率,订单状态,付款时间", "douyin_commissions"),
        ("运单号,订单编号,揽件时间,发货时间", "douyin_parcels"),
        ("运单号,订单编号,揽件时间,发货时间,异常类型", "douyin_parcels"),
        ("快递单号,订单编号,快递公司,妥投时间", "parcels"),
        ("运单号,订单编号,快递公司,揽件时间,签收时间", "parcels"),
        ("物流单号,订单号,发货时间", "parcels"),
        (
            "结算时间,订单号,子订单号,结算金额,结算账户,结算单类型,下单时间,商品ID,平台服务费,佣金",
            "douyin_settlement",
        ),
        ("动账时间,动帐流水号,动账方向,动账金额,子订单号,订单号,下单时间,佣金", "douyin_funds"),
        (
            "订单id,订单状态,出单机构,支付金额,服务费率,付款时间,结算时间,结算金额",
            "douyin_leader_commissions",
        ),
        ("订单号,订单创建时间,实付款", "kuaishou_orders"),
        ("订单编号,订单创建时间,订单支付时间", "kuaishou_orders"),
        (
            "订单号,订单创建时间,订单支付时间,订单状态,实付款,快递费,发货时间,快递公司,快递单号",
            "kuaishou_orders",
        ),
        ("售后单号,订单编号,售后状态,商家实收金额,客服仲裁", "kuaishou_aftersales"),
        ("订单编号,物流单号,发货/揽收/末条中转/派件/待取件/签收时间", "kuaishou_parcels"),
        ("订单编号,物流单号,物流状态,发货/揽收/末条中转/派件/待取件/签收时间", "kuaishou_parcels"),
    ],
)
def test_a_header_is_recognised_by_its_names(header: str, key: str) -> None:
    found = recognise([header.split(",")])
    assert found is not None
    assert found.match.format.key == key


ELSEWHERE = "订单号,下单时间,商品编号,商品名称,订购数量,京东价,结算金额,订单状态,货款确认时间"


@pytest.mark.parametrize("header", [ELSEWHERE])
def test_another_export_is_never_taken_for_one_of_these(header: str) -> None:
    assert recognise([header.split(",")]) is None


def test_a_tie_between_formats_is_not_guessed() -> None:
    both = "售后单号,订单号,商品单号,售后状态,订单id,佣金率,作者账号,订单状态,付款时间"
    with pytest.raises(Refused, match="format_ambiguous") as refusal:
        recognise([both.split(",")])
    assert refusal.value.details["formats"] == "douyin_aftersales, douyin_commissions"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("广东省", "440000"), ("广东", "440000"), ("GD", "440000"), ("CN-GD", "440000"), ("44", "440000")),
        *(
            ("440106", "440000"),
            ("广西", "450000"),
            ("内蒙古", "150000"),
            ("新疆", "650000"),
            ("中国香港", "810000"),
        ),
        *(("澳门特别行政区", "820000"), ("台湾", "710000"), ("粤", "440000"), ("火星", None), ("99", None)),
    ],
)
def test_a_province_is_read_by_its_beginning(text: str, code: str | None) -> None:
    assert places().province(text) == code


@pytest.mark.parametrize(
    ("text", "province", "code"),
    [
        *(("广州市", "440000", "440100"), ("广州", "440000", "440100"), ("市辖区", "310000", "310100")),
        *(
            ("北京", "110000", "110100"),
            ("恩施州", "420000", "422800"),
            ("大理白族自治州", "530000", "532900"),
        ),
        *(
            ("石河子", "650000", "659001"),
            ("吉林", "220000", "220200"),
            ("广州市", "430000", None),
            ("火星", None, None),
        ),
    ],
)
def test_a_city_is_read_within_its_province(text: str, province: str | None, code: str | None) -> None:
    assert places().city(text, province) == code


def test_every_city_is_found_by_its_own_name() -> None:
    known = places()
    assert [code for code, name in known.cities.items() if known.city(name, f"{code[:2]}0000") != code] == []
