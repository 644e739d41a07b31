"""Ragged rows, open quotes, control characters, giant cells and rows, and files with nothing in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.imports.shop_files import ORDER_HEADERS
from tests.torture.declaration import Case, Numbers, refused, taken
from tests.torture.making import BOM, csv, plain, text

BIG = 50_000
BROKEN = 25_000


def _lines(change: Mapping[int, Callable[[str], str]], count: int = 12) -> Callable[[Numbers], bytes]:
    """A CSV some of whose lines (header = 1) are changed as text."""

    def make(numbers: Numbers) -> bytes:
        lines = text(numbers.rows(count)).split("\r\n")
        for number, changed in change.items():
            lines[number - 1] = changed(lines[number - 1])
        return (BOM + "\r\n".join(lines)).encode()

    return make


def _less(cells: int) -> Callable[[str], str]:
    return lambda line: ",".join(line.split(",")[:-cells])


def _open_quote(line: str) -> str:
    return line.replace("羊毛围巾", '"羊毛围巾', 1)


def _one(column: str, value: str, count: int = 12) -> Callable[[Numbers], bytes]:
    """The fifth data row (line 6) has this text in this column."""
    return lambda n: csv([n.row(k, **({column: value} if k == 4 else {})) for k in range(count)])


def _wide(columns: int, value: str = "") -> Callable[[Numbers], bytes]:
    headers = [*ORDER_HEADERS, *(f"列{n}" for n in range(columns - len(ORDER_HEADERS)))]
    return lambda n: csv([row | dict.fromkeys(headers[35:], value) for row in n.rows(2)], headers)


CONTROLS = "".join(map(chr, [*range(1, 9), 11, 12, *range(14, 32), 127, 0x85, 0x9B]))
CASES: tuple[Case, ...] = (
    plain(
        "rows-too-short",
        _lines({4: _less(3), 9: _less(30)}),
        taken(12, {4: "too_few_fields", 9: "too_few_fields"}),
    ),
    plain("rows-too-long", _lines({4: "{},x,y".format}), taken(12, {4: "too_many_fields"})),
    plain("every-row-ends-in-a-comma", _lines({n: "{},".format for n in range(2, 14)}), taken(12)),
    plain("some-rows-end-in-commas", _lines({n: "{},,,".format for n in (3, 7)}), taken(12)),
    plain("text-without-any-cell", _lines({5: lambda _: "这里断了"}), taken(12, {5: "too_few_fields"})),
    plain(
        "open-quote-in-50000-rows",
        _lines({BROKEN: _open_quote}, BIG),
        taken(BIG, {BROKEN: "too_few_fields"}),
    ),
    plain(
        "two-open-quotes-far-apart",
        _lines({1_000: _open_quote, 4_000: _open_quote}, 5_000),
        taken(5_000, {1_000: "too_few_fields", 4_000: "too_few_fields"}),
    ),
    plain(
        "every-row-has-an-open-quote",
        _lines({n: _open_quote for n in range(2, 5_002)}, 5_000),
        taken(5_000, {n: "too_few_fields" for n in range(2, 5_002)}),
    ),
    plain("line-breaks-within-a-remark", _one("买家留言", "快点\n" * 400 + "谢谢"), taken(12)),
    plain(
        "a-remark-that-looks-like-a-row",
        _one("买家留言", "\n6900000000000000000,已完成,,,,\n"),
        taken(13, {6: "too_few_fields", 7: "too_few_fields"}),  # a start of a record is never swallowed
    ),
    plain("nul-in-a-cell", _one("选购商品", "羊毛\x00围巾", 400), taken(400, {6: "undecodable"})),
    plain("nothing-but-nul", lambda _: bytes(5_000), refused("empty_file")),
    plain("control-characters", _one("选购商品", f"羊毛{CONTROLS}围巾"), taken(12)),
    plain("escape-sequence-of-a-terminal", _one("选购商品", "\x1b]0;x\x07\x1b[2J羊毛"), taken(12)),
    plain("cell-of-a-megabyte", _one("买家留言", "好" * (1 << 20)), taken(12, {6: "cell_too_large"})),
    plain("cell-as-long-as-a-sheet-allows", _one("买家留言", "好" * 32_767), taken(12)),
    plain("cell-one-letter-too-long", _one("买家留言", "好" * 32_768), taken(12, {6: "cell_too_large"})),
    plain("id-of-a-megabyte", _one("子订单编号", "6" * (1 << 20)), taken(12, {6: "cell_too_large"})),
    plain("16000-columns", _wide(16_000, "1"), refused("too_many_columns")),
    plain("201-columns", _wide(201), refused("too_many_columns")),
    plain("200-columns", _wide(200), taken(2, warned=("unknown_header",))),
    plain("a-megabyte-without-line-end", lambda _: b"x," * (1 << 19), refused("format_unknown")),
    plain(
        "a-megabyte-of-quotes", lambda n: csv(n.rows(1)) + b'"' * (1 << 20), taken(2, {3: "too_few_fields"})
    ),
    plain(
        "lines-of-one-quote",
        lambda n: csv(n.rows(1)) + b'"\r\n' * 9_999,
        taken(6, {r: "too_few_fields" for r in range(3, 8)}),
    ),
    plain("nothing-at-all", lambda _: b"", refused("empty_file")),
    plain("nothing-but-a-bom", lambda _: BOM.encode(), refused("empty_file")),
    plain("nothing-but-blank-lines", lambda _: BOM.encode() + b"\r\n \t\r\n" * 3_000, refused("empty_file")),
    plain("nothing-but-commas", lambda _: b",,,,\r\n" * 3_000, refused("format_unknown")),
    plain("nothing-but-the-header", lambda n: csv([]), refused("no_rows")),
    plain("header-and-blank-lines", lambda n: csv([]) + b"\r\n" * 50, refused("no_rows")),
    plain("header-and-rows-of-commas", lambda n: csv([]) + b"," * 34 + b"\r\n", refused("no_rows")),
    plain("blank-lines-between-rows", _lines({4: "\r\n{}\r\n".format}), taken(12)),
    plain("rows-of-commas-between-rows", _lines({4: lambda line: "," * 34 + "\r\n" + line}), taken(12)),
    plain(
        "title-above-and-total-below",
        _lines({1: "店铺：某某\r\n\r\n{}".format, 13: "{}\r\n合计,,,,1\r\n".format}),
        taken(13, {16: "too_few_fields"}),
    ),
    plain(
        "total-with-all-columns",
        _lines({14: lambda _: "合计" + "," * 34 + "\r\n"}),
        taken(13, {14: "id_invalid"}),
    ),
    plain(
        "header-thirteen-lines-down",
        _lines({1: lambda line: "说明\r\n" * 13 + line}),
        refused("format_unknown"),
    ),
    plain("two-exports-joined", lambda n: csv(n.rows(3)) + csv(n.rows(3, 3)), taken(7, {5: "id_invalid"})),
    plain(
        "header-with-a-column-twice",
        lambda n: csv(n.rows(2)).replace("商家编码".encode(), "订单状态".encode(), 1),
        refused("headers_duplicated"),
    ),
    plain(
        "header-without-the-status",
        lambda n: csv(n.rows(2), [name for name in ORDER_HEADERS if name != "订单状态"]),
        refused("column_missing"),
    ),
    plain(
        "header-with-hostile-names",
        lambda n: csv(n.rows(2), [*ORDER_HEADERS, "{limit}", "<script>", "%s", "=1+1"]),
        taken(2, warned=("unknown_header",)),
    ),
    plain("old-line-ends", lambda n: csv(n.rows(5)).replace(b"\r\n", b"\r"), taken(5)),
    plain(
        "mixed-line-ends",
        lambda n: csv(n.rows(3)) + csv(n.rows(3, 3)).partition(b"\r\n")[2].replace(b"\r\n", b"\n"),
        taken(6),
    ),
    plain(
        "semicolons",
        lambda n: text(n.rows(3)).replace("红色;均码", "红色").replace(",", ";").encode(),
        taken(3),
    ),
    plain("tabs", lambda n: text(n.rows(3)).replace(",", "\t").encode("utf-16"), taken(3), "txt"),
)
