"""Text from files is shown as text; numbers read the way people write them."""

from __future__ import annotations

import pytest

from pages.ui import numbers
from pages.ui.text import escape, in_figure, plain, shortened
from shopdata.words import words

ZH, EN = words("zh"), words("en")


def test_direction_marks_are_taken_out_and_foreign_direction_is_isolated() -> None:
    assert plain("abc\u202egnp.exe") == "abcgnp.exe"
    assert plain("\u05d0\u05d1") == "\u2068\u05d0\u05d1\u2069"


def test_control_characters_and_line_breaks_are_no_part_of_a_label() -> None:
    assert escape("a\x00b\nc") == "ab c"


@pytest.mark.parametrize(
    "text", ["**x**", "[x](http://a)", "<b>", "$x$", "`x`", "~x~", "![x](y)", "a|b", "# x"]
)
def test_no_sign_of_markdown_stays_bare(text: str) -> None:
    bare = escape(text).replace("\\", "\0")
    for sign in "*[]()<>$`~!|#":
        before = [bare[at - 1] for at, found in enumerate(bare) if found == sign]
        assert set(before) <= {"\0"}


def test_icons_addresses_and_mail_are_broken() -> None:
    assert ":material" not in escape(":material/home:")
    assert "http://" not in escape("http://evil.example").replace("\\", "")
    assert "www." not in escape("www.evil.example").replace("\\", "")
    assert "a@b" not in escape("a@b.example").replace("\\", "")


def test_tags_in_a_chart_are_text() -> None:
    assert in_figure("<a href='x'>&") == "&lt;a href='x'&gt;&amp;"


def test_long_text_is_cut() -> None:
    assert shortened("x" * 30, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (0, "¥0.00", "¥0.00"),
        (35260, "¥352.60", "¥352.60"),
        (-35260, "-¥352.60", "-¥352.60"),
        (128_400_000, "¥128.4 万", "¥1.28M"),
        (1_000_000, "¥1.00 万", "¥10.0K"),
        (12_345_678_900, "¥1.23 亿", "¥123.5M"),
        (None, "–", "–"),
    ],
)
def test_money(fen: int | None, chinese: str, english: str) -> None:
    assert numbers.money(fen, ZH) == chinese
    assert numbers.money(fen, EN) == english


def test_counts_rates_and_times() -> None:
    assert numbers.count(3642, ZH) == "3,642"
    assert numbers.count(123_456, ZH) == "12.3 万"
    assert numbers.ratio(0.862, ZH) == "86.2%"
    assert numbers.ratio(0.0052, ZH) == "0.52%"
    assert numbers.ratio(None, ZH) == "–"
    assert numbers.hours(61.84, ZH) == "61.8 小时"
    assert numbers.seconds(45, EN) == "45 s"
    assert numbers.seconds(150, EN) == "2.5 min"
    assert numbers.points(-0.004, EN) == "-0.4 pp"
