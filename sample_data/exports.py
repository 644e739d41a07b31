"""One exported file, and when exports were made. Which files a shop has: see its platform's module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from sample_data.catalog import columns, words
from sample_data.files import WRITERS, write_csv
from sample_data.order_rows import Row
from sample_data.truth import Order

EARLIER_DAYS, OVERLAP_DAYS, LONG_OVERLAP_DAYS = 10, 41, 69


@dataclass(frozen=True, slots=True)
class Export:
    """One file: its name, the format the product should recognise, and its rows.

    ``form`` names the writer where the name's ending does not tell it.
    """

    name: str
    shop: str
    format: str
    layout: str
    moment: datetime
    rows: tuple[Row, ...]
    form: str = ""

    def write(self, folder: Path) -> Path:
        """The file in the folder."""
        path = folder / self.name
        explained = words()["explanations"].get(self.layout)
        if explained is not None:
            write_csv(path, columns(self.layout), self.rows, explained)
        else:
            WRITERS[self.form or path.suffix](path, columns(self.layout), self.rows)
        return path


def earlier(cut: datetime) -> datetime:
    """When the earlier order export was made: a morning ten days before."""
    return datetime.combine(cut.date() - timedelta(days=EARLIER_DAYS), time(9, 12))


def overlap_from(cut: datetime, shop: str = "") -> datetime:
    """First order time in the newer order export of a shop; the Taobao shop's reaches further back."""
    days = LONG_OVERLAP_DAYS if shop == "tea" else OVERLAP_DAYS
    return datetime.combine(cut.date() - timedelta(days=days), time(0, 0))


def last_seen(order: Order, cut: datetime) -> datetime:
    """The moment of the last order export that holds the order."""
    return cut if order.placed_at >= overlap_from(cut, order.shop) else earlier(cut)


def file_name(key: str, **parts: str) -> str:
    """A file's name as the platform builds it."""
    return str(words()["files"][key].format(**parts))
