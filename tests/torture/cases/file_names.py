"""Good files under every hostile name a disk takes."""

from __future__ import annotations

from tests.torture.declaration import Case, taken
from tests.torture.making import csv

# What the name is, and the name. Each stands for itself: nothing is run, opened, climbed or rendered.
NAMES = {
    "dots": "...csv", "no-ending": "orders", "two-endings": "orders.csv.exe.csv",
    "trailing-dots": "orders.csv...", "blanks": "  orders .csv ", "reserved": "CON.csv",
    "reserved-too": "aux", "stream": "orders.csv:stream", "option": "-rf",
    "long-option": "--format=douyin_orders.csv", "dash": "-", "command": "$(reboot).csv",
    "backtick": "`id`.csv", "pipe": "a|b;c&d.csv", "quotes": "it's \"quoted\".csv", "star": "*.csv",
    "glob": "[a-z]?.csv", "line-end": "two\nlines.csv", "tab": "a\tb.csv", "bell": "a\x07\x1b[31mb.csv",
    "rtl": "gpj.\u202evsc.csv", "emoji": "🧣👨‍👩‍👧.csv", "chinese": "订单（十月）-导出.csv",
    "combining": "cafe\u0301.csv", "percent": "%2e%2e%2fpasswd.csv", "backslash": "..\\..\\windows\\a.csv",
    "markup": "<img src=x onerror=alert(1)>.csv", "markdown": "**[a](b)** $x$ :red[x].csv",
    "braces": "{file}{0}%s.csv", "long": "长" * 80 + ".csv", "formula": "=1+1.csv",
    "sql": "'; DROP TABLE imports;--.csv", "hidden": ".orders.csv", "lock": "~$orders.csv",
}  # fmt: skip

CASES: tuple[Case, ...] = tuple(
    Case(f"name-{name}", file, lambda n: csv(n.rows(1)), taken(1)) for name, file in NAMES.items()
)
