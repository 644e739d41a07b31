"""The wizard's guesses: from names in two languages and from values; changes; the TOML it writes."""

import tomllib
from pathlib import Path

import pytest

from shopdata.errors import BadUsage, Refused
from shopdata.imports.format_checks import check
from shopdata.imports.wizard import guess
from shopdata.imports.wizard.draft import Draft, changed, possible, propose, with_column, with_word
from shopdata.imports.wizard.templates import templates
from shopdata.imports.wizard.text import toml_of
from shopdata.imports.wizard.trial import look
from shopdata.ingest.client import Parser
from shopdata.ingest.results import ColumnValues, Described
from shopdata.platforms.own import read_own
from shopdata.store import Store
from tests.imports.shop_files import ORDER_HEADERS


def described(**columns: list[str]) -> Described:
    """A file with these columns."""
    made = []
    for header, values in columns.items():
        filled = [value for value in values if value]
        counted = tuple((value, filled.count(value)) for value in dict.fromkeys(filled))
        made.append(ColumnValues(header, len(filled), len(counted), counted))
    return Described(tuple(made), max(map(len, columns.values())), "utf-8")


CHINESE = {
    "单号": ["A1001", "A1002", "A1003"],
    "下单日期": ["2026-11-01 10:00:00", "2026-11-01 11:00:00", "2026-11-02 10:00:00"],
    "付款日期": ["2026-11-01 10:01:00", "", "2026-11-02 10:01:00"],
    "状态": ["已发货", "已取消", "奇怪"],
    "货品": ["杯子", "碟子", "杯子"],
    "数量": ["1", "2", "1"],
    "实收": ["39.80", "", "19.90"],
    "省份": ["广东", "浙江省", "上海市"],
    "承运": ["顺丰速运", "中通快递", "顺丰速运"],
    "面单": ["SF1234567890123", "", "SF1234567890124"],
}


def test_a_chinese_file_is_guessed_from_names_and_values() -> None:
    found = propose(described(**CHINESE))
    assert found.kind == "orders"
    assert found.columns["order_id"] == "单号"
    assert found.columns["status"] == "状态"
    assert found.columns["province"] == "省份"
    assert found.columns["quantity"] == "数量"
    assert found.columns["courier"] == "承运"
    assert found.columns["waybill"] == "面单"
    assert found.places == "china"
    assert found.words["status"] == {"已发货": "shipped", "已取消": "closed", "奇怪": ""}


def test_an_order_number_that_repeats_means_rows_of_articles() -> None:
    found = propose(described(**CHINESE | {"单号": ["A1001", "A1001", "A1003"]}))
    assert found.kind == "order_lines"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (["tracking number", "order id", "carrier", "shipped at", "delivered at"], "parcels"),
        (["refund id", "order id", "refund status", "refund amount", "reason"], "aftersales"),
        (["order id", "influencer", "commission rate", "estimated commission", "status"], "commissions"),
        (["order id", "status", "created at", "total", "customer city"], "orders"),
    ],
)
def test_the_kind_of_rows_follows_from_the_columns(headers: list[str], kind: str) -> None:
    values = {
        "rate": "0.1", "amount": "1.50", "commission": "1.50", "total": "1.50", "at": "2026-11-01 10:00:00",
        "id": "100200300", "number": "SF123456789012",
    }  # fmt: skip
    columns = {one: [values.get(one.split()[-1], "x")] for one in headers}
    assert propose(described(**columns)).kind == kind


def test_values_that_cannot_be_read_veto_a_name() -> None:
    found = propose(
        described(**CHINESE | {"实收": ["many", "few", "none"], "下单日期": ["soon", "later", "now"]})
    )
    assert not {"实收", "下单日期"} & set(found.columns.values())


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (["6917926768823643751", "6917926768823643752"], "[0-9]{6,32}[A-Za-z]?"),
        (["0a1b2c3d4e5f60718293a4b5c6d7e8f9"], "[0-9a-f]{16,64}"),
        (["A-100", "B_200"], "[0-9A-Za-z]+(?:[-_][0-9A-Za-z]+)*"),
        (["6.92E+18"], None),
    ],
)
def test_an_id_takes_the_narrowest_shape_that_holds(values: list[str], shape: str | None) -> None:
    column = described(id=values).columns[0]
    assert guess.id_shape(column) == shape


@pytest.mark.parametrize(
    ("values", "mark"),
    [(["58.90", "1,299.90"], "."), (["58,90", "1.299,90"], ","), (["1,299", "12"], "."), (["R$ 58,90"], ",")],
)
def test_the_decimal_mark_follows_from_the_amounts(values: list[str], mark: str) -> None:
    assert guess.decimal_mark(described(price=values).columns) == mark


def test_a_column_is_one_field_and_a_field_one_column() -> None:
    file = described(**CHINESE)
    draft = with_column(propose(file), file, "货品", "order_id")
    assert draft.columns["order_id"] == "货品"
    assert "单号" not in draft.columns.values()
    assert "order_id" not in with_column(draft, file, "货品", None).columns


def test_only_fields_that_can_be_read_are_offered() -> None:
    file = described(**CHINESE)
    offered = possible(propose(file), next(one for one in file.columns if one.header == "货品"))
    assert "product_name" in offered
    assert not {"placed_at", "paid_amount", "quantity"} & set(offered)


def test_settings_are_typed_or_refused() -> None:
    file = described(**CHINESE)
    draft = propose(file)
    for setting in ("signed_at=付款日期", "status.奇怪=paid", "currency=BRL", "zone=America/Sao_Paulo"):
        draft = changed(draft, file, setting)
    assert draft.columns["_signed_at"] == "付款日期"
    assert draft.words["status"]["奇怪"] == "paid"
    assert (draft.currency, draft.zone) == ("BRL", "America/Sao_Paulo")
    assert "quantity" not in changed(draft, file, "quantity=").columns
    for setting in ("price", "order_id=nothing", "currency=R$", "status.奇怪=lost", "kind=x", "template=1"):
        with pytest.raises(BadUsage, match="format_setting_unknown"):
            changed(draft, file, setting)


def test_what_is_still_to_be_named_is_listed() -> None:
    file = described(a=["?"], b=["!"])
    assert Draft("orders", {}).missing[0] == ("order_id",)
    assert propose(file, "orders").missing[0] == ("order_id",)


@pytest.mark.parametrize("kind", list(templates()))
def test_every_template_makes_a_format_that_passes_the_checks(kind: str, tmp_path: Path) -> None:
    fields = templates()[kind].fields
    file = described(**{f"列 {name}": ["10020030"] for name in fields})
    draft = Draft(kind, {name: f"列 {name}" for name in fields})
    path = tmp_path / "made.toml"
    path.write_text(toml_of(draft, file), encoding="utf-8")
    check(read_own(path))


HOSTILE = ['"', "\\", '"]\nplatform = "taobao', "'''", "\u202eevil", "a.b", "[x]", "\x7f", "<b>", "列=1", "#"]


def test_headers_and_words_stay_what_they_are_in_the_text() -> None:
    file = described(**{header: [header] for header in HOSTILE})
    draft = Draft("orders", {"order_id": HOSTILE[0], "status": HOSTILE[2]})
    for word in HOSTILE:
        draft = with_word(draft, "status", word, "paid")
    read = tomllib.loads(toml_of(draft, file))
    assert read["fields"]["order_id"]["headers"] == [HOSTILE[0]]
    assert read["fields"]["status"]["words"]["paid"] == HOSTILE
    assert read["platform"] == "other"
    assert set(read["known"]) == set(HOSTILE) - {HOSTILE[0], HOSTILE[2]}


def test_a_file_in_gb18030_under_a_title_row_is_described(
    store: Store, parser: Parser, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    text = "某店导出\n单号,下单日期,省份\n" + "".join(
        f"A{n},2026-11-01 10:00:00,广东\n" for n in range(100, 130)
    )
    path.write_bytes(text.encode("gb18030"))
    found = look(store, path, parser)
    assert [one.header for one in found.columns] == ["单号", "下单日期", "省份"]
    assert (found.rows, found.encoding, found.columns[0].distinct) == (30, "gb18030", 30)
    assert found.columns[2].values == (("广东", 30),)


@pytest.mark.parametrize(("data", "code"), [(b"", "empty_file"), (b"%PDF-1.7 x", "not_a_table")])
def test_what_is_no_table_is_refused(
    store: Store, parser: Parser, tmp_path: Path, data: bytes, code: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(Refused, match=code):
        look(store, path, parser)


def test_headers_that_stand_twice_are_left_out(store: Store, parser: Parser, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("order id,note,note,total\nA100,x,y,1.50\n", encoding="utf-8")
    assert [one.header for one in look(store, path, parser).columns] == ["order id", "total"]


def test_a_known_export_would_be_guessed_by_its_own_headers() -> None:
    found = propose(described(**{header: [""] for header in ORDER_HEADERS}))
    assert found.columns["order_id"] == "主订单编号"
    assert found.columns["province"] == "省"
