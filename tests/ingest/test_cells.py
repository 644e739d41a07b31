"""One cell, one value: exact amounts, whole ids, every form of time."""

from datetime import datetime

import pytest

from shopdata.ingest import cells
from shopdata.ingest.cells import CellError


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12.34", 1234),
        ("0", 0),
        ("0.1", 10),
        ("1,234.50", 123450),
        ("¥1,299.90", 129990),
        ("￥0", 0),
        ("12.30元", 1230),
        ("\t5.00", 500),
        ("'7.10", 710),
        ('="8.20"', 820),
        ("１２．５０", 1250),
        ("(3.00)", -300),
        ("-3.5", -350),
        ("−2.00", -200),
        ("-¥2.00", -200),
        ("¥-2.00", -200),
        ("+4", 400),
        ("12.500", 1250),
        (".5", 50),
        ("100.", 10000),
        ("1,234,567", 123456700),
        ("99999999999.99", 9999999999999),
    ],
)
def test_an_amount_is_exact_fen(text: str, fen: int) -> None:
    assert cells.read_money(text) == fen


@pytest.mark.parametrize("text", ["", "-", "--", "—", "/", " \t", "null", "\ufeff", '=""'])
def test_a_mark_of_nothing_is_no_amount(text: str) -> None:
    assert cells.read_money(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "1.005",
        "12.345",
        "NaN",
        "nan",
        "inf",
        "1e309",
        "1E+05",
        "abc",
        "1.2.3",
        "12,50",
        "1,23",
        "0x10",
        "1_000",
        "五元",
        "1 2.5",
        "12 34",
        "(-5)",
        "¥",
        "99999999999999999",
        "--5",
        "5-",
        "()",
        "12.30.",
        "无退款申请",
    ],
)
def test_what_is_no_exact_amount_is_invalid(text: str) -> None:
    with pytest.raises(CellError, match="amount_invalid"):
        cells.read_money(text)


def test_the_noise_of_a_binary_number_is_dropped_but_not_a_tenth_of_a_fen() -> None:
    assert cells.read_money("169.00999999999999", from_number=True) == 16901
    assert cells.read_money("0.30000000000000004", from_number=True) == 30
    with pytest.raises(CellError):
        cells.read_money("169.0099", from_number=True)
    with pytest.raises(CellError):
        cells.read_money("169.00999999999999")


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("满减券-5.00", 500),
        ("618-大促-满减-12.30", 1230),
        ("新人券", None),
        ("5.00", 500),
        ("-", None),
        ("满减券-5.00;店铺券-3.00", 800),
        ("满减券：5.00", 500),
    ],
)
def test_a_discount_may_be_named(text: str, fen: int | None) -> None:
    assert cells.read_discount(text) == fen


@pytest.mark.parametrize("text", ["12.345", "nan", "1.2.3"])
def test_a_discount_that_is_a_broken_amount_is_invalid(text: str) -> None:
    with pytest.raises(CellError, match="amount_invalid"):
        cells.read_discount(text)


@pytest.mark.parametrize(
    "text",
    [
        "6917926768823643751",
        "\t6917926768823643751",
        "6917926768823643751\t",
        "'6917926768823643751",
        '="6917926768823643751"',
        " 6917926768823643751 ",
        "\ufeff6917926768823643751",
        "６９１７９２６７６８８２３６４３７５１",
        '"6917926768823643751"',
        "`6917926768823643751",
        "6917926768823643751\u200b",
        "'\t6917926768823643751",
    ],
)
def test_an_id_loses_only_its_wrapping(text: str) -> None:
    assert cells.read_id(text) == "6917926768823643751"


@pytest.mark.parametrize(
    "text",
    ["6.92E+18", "6.917926768823644e+18", "6917926768823643751.0", "6,92E+18", "7E18", "123.5", "6.92E+18\t"],
)
def test_a_rounded_id_is_refused(text: str) -> None:
    with pytest.raises(CellError, match="id_precision_lost"):
        cells.read_id(text)


def test_a_short_id_written_as_a_decimal_is_still_exact() -> None:
    assert cells.read_id("415121040.0") == "415121040"


@pytest.mark.parametrize(
    ("text", "count"), [("1", 1), ("1.0", 1), ("2.00", 2), ("1,000", 1000), ("\t3", 3), ("-", None)]
)
def test_a_count_is_a_whole_number(text: str, count: int | None) -> None:
    assert cells.read_count(text) == count


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "abc", "1e3", "99999999999", "NaN", "一"])
def test_a_count_below_one_or_split_is_invalid(text: str) -> None:
    with pytest.raises(CellError, match="quantity_invalid"):
        cells.read_count(text)


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("32.00%", 0.32),
        ("0.00%", 0.0),
        ("30.0%", 0.3),
        ("0.32", 0.32),
        ("32", 0.32),
        ("-", None),
        ("100%", 1.0),
    ],
)
def test_a_share_is_between_zero_and_one(text: str, ratio: float | None) -> None:
    assert cells.read_ratio(text) == ratio


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-10 08:00:00",
        "2026/9/10 8:00",
        "2026/09/10 08:00:00",
        "2026-09-10T08:00:00",
        "2026-9-10 8:00:00",
        "20260910080000",
        "20260910 08:00:00",
        "2026年9月10日 8:00",
        "2026.9.10 08:00:00",
        "2026-09-10 08:00:00.123",
        "2026-09-10T08:00:00+08:00",
        "2026-09-10T00:00:00Z",
        "\t2026-09-10 08:00:00",
        "46275.3333333333",
        "2026-09-10  08:00",
        "２０２６-09-10 08：00：00",
    ],
)
def test_a_time_is_read_in_every_form(text: str) -> None:
    assert cells.read_time(text) == datetime(2026, 9, 10, 8)


@pytest.mark.parametrize("text", ["2026-09-10", "2026/9/10", "20260910", "46275"])
def test_a_day_alone_is_its_midnight(text: str) -> None:
    assert cells.read_time(text) == datetime(2026, 9, 10)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30 10:00:00",
        "昨天",
        "2026-13-01",
        "0000-00-00 00:00:00",
        "25:00",
        "123",
        "2026-09-10 25:00:00",
        "09/10/2026",
    ],
)
def test_what_is_no_time_is_invalid(text: str) -> None:
    with pytest.raises(CellError, match="time_invalid"):
        cells.read_time(text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\t夏季 连衣裙", "夏季 连衣裙"),
        ('="nick"', "nick"),
        ("'13912345678", "13912345678"),
        ("-", None),
        ("—", None),
        ("'夏天'", "'夏天'"),
        ('="a""b"', 'a"b'),
        ("=1+1", "=1+1"),
        ("a\nb", "a\nb"),
    ],
)
def test_text_loses_only_its_wrapping(text: str, seen: str | None) -> None:
    assert cells.read_text(text) == seen


@pytest.mark.parametrize("text", ["€5", "USD 5", "$5", "R$5", "5 EUR"])
def test_an_amount_of_another_currency_is_no_amount_of_the_file(text: str) -> None:
    with pytest.raises(cells.CellError, match="amount_invalid"):
        cells.read_money(text)
    assert cells.read_money(text, currency=cells.ANY_CURRENCY) == 500


def test_a_file_of_another_currency_marks_its_amounts_its_own_way() -> None:
    assert cells.read_money("R$ 58.90", currency="BRL") == 5890
    assert cells.read_money("SEK 12.00", currency="SEK") == 1200
    with pytest.raises(cells.CellError, match="amount_invalid"):
        cells.read_money("¥5", currency="BRL")
