"""Times: impossible, ambiguous, serial, of another century or zone. The clock stands at 2026-11-02 12:00."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tests.torture.declaration import Case
from tests.torture.making import Code, book, cell_verdict, cells, plain

BAD, IMPOSSIBLE = Code("time_invalid"), Code("time_impossible")
EIGHT = datetime(2026, 10, 5, 8)
DAY = datetime(2026, 10, 5)
TEXTS: Mapping[str, Any] = {
    "2026-10-05 08:00:00": EIGHT, "2026/10/5 8:00": EIGHT, "2026-10-05T08:00:00": EIGHT,
    "2026年10月5日 8:00": EIGHT, "20261005080000": EIGHT, "2026.10.05 08:00:00.999": EIGHT,
    "\t2026-10-05 08:00:00": EIGHT, "2026-10-05": DAY, "２０２６-10-05 08：00：00": EIGHT,
    "2026-10-05T08:00:00+08:00": EIGHT, "2026-10-05T00:00:00Z": EIGHT, "2026-10-04T20:00:00-0400": EIGHT,
    "46300": DAY, "46300.3333333333": EIGHT, "2024-02-29 00:00:00": datetime(2024, 2, 29),
    "2026-02-30 10:00:00": BAD, "2026-02-29": BAD, "2025-02-29 00:00:00": BAD, "2026-13-01": BAD,
    "2026-00-10": BAD, "2026-10-00": BAD, "0000-00-00 00:00:00": BAD, "2026-10-05 24:00:00": BAD,
    "2026-10-05 25:61:00": BAD, "2026-10-05 08:00:60": BAD, "03/04/2026": BAD, "04/03/26": BAD,
    "3-4-2026 10:00": BAD, "26-10-05": BAD, "Oct 5, 2026": BAD, "昨天": BAD, "1759629600": BAD,
    "1759629600000": BAD, "20261305": BAD, "99999": BAD, "1.5": BAD, "-46300": BAD, "inf": BAD,
    "2026-10-05 8:00 PM": BAD, "2026-10-05 下午8:00": BAD, "2026-10-05T08:00:00+99:00": BAD,
    "2026-10-05T08:00:00+08:61": BAD, "=NOW()": BAD, "2026-10-05 08:00:00 2026-10-06": BAD, "#####": BAD,
    "1900-01-01 00:00:00": IMPOSSIBLE, "1970-01-01 08:00:00": IMPOSSIBLE, "2002-12-31 23:59:59": IMPOSSIBLE,
    "9999-12-31 23:59:59": IMPOSSIBLE, "2026-11-03 12:00:01": IMPOSSIBLE, "2106-02-07 06:28:15": IMPOSSIBLE,
    "0001-01-01 00:00:00": IMPOSSIBLE, "0001-01-01T00:00:00+08:00": BAD, "9999-12-31T23:59:59-12:00": BAD,
    "9999-12-31T23:59:59Z": BAD, "2026-11-03 11:59:59": datetime(2026, 11, 3, 11, 59, 59),
}  # fmt: skip
PROMISED: Mapping[str, Any] = {
    "2028-10-31 00:00:00": datetime(2028, 10, 31), "2028-11-10 00:00:00": IMPOSSIBLE,
    "9999-12-31": IMPOSSIBLE,
}  # fmt: skip
NUMBERS: Mapping[Any, Any] = {
    EIGHT: EIGHT, date(2026, 10, 5): DAY, 46300.5: datetime(2026, 10, 5, 12), "2026-10-05 08:00:00": EIGHT,
    1: BAD, 99999: BAD, -1: BAD, datetime(1900, 3, 1): IMPOSSIBLE, datetime(9999, 12, 31): IMPOSSIBLE,
}  # fmt: skip

CASES: tuple[Case, ...] = (
    cells("times", "订单提交时间", "placed_at", TEXTS),
    cells("promises", "承诺发货时间", "promised_ship_at", PROMISED),
    plain(
        "times-in-a-workbook",
        lambda n: book([n.row(k) | {"订单提交时间": one} for k, one in enumerate(NUMBERS)]),
        cell_verdict("placed_at", NUMBERS),
        "xlsx",
    ),
    plain(
        "times-counted-from-1904",
        lambda n: book([n.row(0) | {"订单提交时间": EIGHT}], date_1904=True),
        cell_verdict("placed_at", {"": EIGHT}),
        "xlsx",
    ),
)
