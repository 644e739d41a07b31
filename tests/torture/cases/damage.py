"""Downloads that broke off, at every kind of place."""

from __future__ import annotations

from tests.torture.declaration import Case, Make, Numbers, refused, taken
from tests.torture.making import csv, headed, plain, text

ROWS = 12
LAST = ROWS + 1
MONEY, ID, TIME, COUNT, STATUS = "订单应付金额", "主订单编号", "发货时间", "商品数量", "订单状态"
WHOLE = taken(ROWS)
CUT = taken(ROWS, {LAST: "truncated"})
SHORT = taken(ROWS, {LAST: "too_few_fields"})


def _ends_in(column: str, missing: int, value: str | None = None) -> Make:
    """A CSV whose last column is ``column``, without its last line end and ``missing`` more letters."""

    def make(numbers: Numbers) -> bytes:
        rows = [numbers.row(place) | ({column: value} if value else {}) for place in range(ROWS)]
        whole = text(rows, headed(column)).removesuffix("\r\n")
        return whole[: len(whole) - missing].encode()

    return make


def _cut(missing: int, rows: int = ROWS) -> Make:
    return lambda numbers: csv(numbers.rows(rows))[:-missing]


def _inside_a_letter(numbers: Numbers) -> bytes:
    data = csv(numbers.rows(ROWS))
    return data[: data.rindex("羊毛".encode()) + 1]


CASES: tuple[Case, ...] = (
    plain("cut-inside-the-last-amount", _ends_in(MONEY, 4, "129.90"), CUT),
    plain("cut-before-the-point", _ends_in(MONEY, 3, "129.90"), CUT),
    plain("cut-behind-the-point", _ends_in(MONEY, 2, "129.90"), CUT),
    plain("cut-before-the-last-digit", _ends_in(MONEY, 1, "129.90"), CUT),
    plain("cut-before-the-last-amount", _ends_in(MONEY, 6, "129.90"), CUT),
    plain("cut-before-the-unit", _ends_in(MONEY, 1, "129.90元"), CUT),
    plain("not-cut-only-without-line-end", _ends_in(MONEY, 0, "129.90"), WHOLE),
    plain("amounts-that-could-go-on", _ends_in(MONEY, 0, "129"), CUT),
    plain("cut-inside-a-quoted-amount", _ends_in(MONEY, 4, "1,299.90"), SHORT),
    plain("quoted-amount-without-line-end", _ends_in(MONEY, 0, "1,299.90"), WHOLE),
    plain("cut-inside-the-last-time", _ends_in(TIME, 7), taken(ROWS, {LAST: "time_invalid"})),
    plain("cut-behind-the-day", _ends_in(TIME, 9), CUT),
    plain("cut-behind-the-minute", _ends_in(TIME, 3), CUT),
    plain("time-without-line-end", _ends_in(TIME, 0), WHOLE),
    plain("cut-inside-the-last-count", _ends_in(COUNT, 1, "12"), CUT),
    plain("cut-inside-the-last-id", _ends_in(ID, 4), CUT),
    plain("id-without-line-end", _ends_in(ID, 0), WHOLE),
    plain("cut-inside-the-last-status", _ends_in(STATUS, 1), CUT),
    plain("status-without-line-end", _ends_in(STATUS, 0), WHOLE),
    plain("cut-between-the-two-line-ends", _cut(1), WHOLE),
    plain("cut-inside-the-last-row", _cut(150), SHORT),
    plain("cut-inside-a-letter", _inside_a_letter, SHORT),
    plain("cut-between-rows", lambda n: csv(n.rows(ROWS)), WHOLE),
    plain("cut-inside-the-header", lambda n: text(n.rows(1))[:40].encode(), refused("format_unknown")),
    plain("cut-inside-a-letter-of-the-header", lambda n: csv(n.rows(1))[:101], refused("format_unknown")),
    plain("cut-behind-the-header", lambda n: csv(n.rows(1)).partition(b"\r\n")[0], refused("no_rows")),
    plain(
        "zeros-where-the-end-was",
        lambda n: _cut(120, 400)(n) + bytes(4096),
        taken(400, {401: "too_few_fields"}),
    ),
)
