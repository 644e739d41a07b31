"""Text that wants to be a formula, markup, SQL, a command or unseen: stored as text, never more."""

from __future__ import annotations

from tests.torture.declaration import Case
from tests.torture.making import book, cell_verdict, cells, plain

FORMULAS = (
    "=cmd|'/C calc'!A0", "=HYPERLINK(\"http://a.example\",\"看\")", "+1+1", "-1+1", "@SUM(1)", "＝1+1",
    "=1+1", "-2+3+cmd|' /C calc'!A0", "=WEBSERVICE(\"http://a.example\")", "|calc",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![图](http://a.example/x.png)",
    "[看](javascript:alert(1))", "**粗**", "$x^2$", ":material/home:", ":red[红]", "<b>粗</b>", "&lt;b&gt;",
    "`code`", "# 标题", "www.a.example", "<!--", "]]>",
)  # fmt: skip
QUERIES = (
    "'; DROP TABLE orders;--", "\" OR 1=1 --", "1); DELETE FROM imports; --", "%s%s%n", "{0.__class__}",
    "{value}", "{row}", "${jndi:ldap://a.example}", "$(reboot)", "`id`", "\\x00", "../../etc/passwd",
    "None", "nan", "__import__('os')", "{{7*7}}",
)  # fmt: skip
UNSEEN = (
    "\u202e围巾毛羊", "羊\u2066毛\u2069围巾", "羊\u200d毛", "z\u0351\u0321\u0489\u0489", "👨‍👩‍👧‍👦🧣",
    "\ufff9羊\ufffb", "羊毛\u2028围巾", "\U000e0041\U000e0042", "Ω≈ç√∫", "田中さん", "ﷺ", "e\u0301",
)  # fmt: skip


def _stored(texts: tuple[str, ...]) -> dict[str, str | None]:
    """What is stored of a text: itself, without the apostrophe that marks text, or nothing."""
    return {text: None if text == "None" else text.removeprefix("'") for text in texts}


CASES: tuple[Case, ...] = (
    cells("text-formulas", "选购商品", "product_name", _stored(FORMULAS)),
    cells("text-markup", "买家留言", "buyer_note", _stored(MARKUP)),
    cells("text-queries", "商家备注", "seller_note", _stored(QUERIES)),
    cells("text-unseen", "选购商品", "product_name", _stored(UNSEEN)),
    plain(
        "text-formulas-in-a-workbook",
        lambda n: book([n.row(k, 选购商品=one) for k, one in enumerate(FORMULAS)]),
        cell_verdict("product_name", _stored(FORMULAS)),
        "xlsx",
    ),
    cells(
        "statuses-nobody-knows",
        "订单状态",
        "status",
        {
            "<b>已完成</b>": "unknown",
            "已完成\u200b": "completed",
            "=1+1": "unknown",
            "{value}": "unknown",
            "已完成": "completed",
        },
    ),
)
