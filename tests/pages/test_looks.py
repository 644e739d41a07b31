"""What the import page shows of a file before it is stored."""

from datetime import date, datetime

import pytest

from pages.ui import import_words
from shopdata.words import words


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("day", "2026-11-21T00:00:00", date(2026, 11, 21)),
        ("started_at", "2026-11-21T19:30:00", datetime(2026, 11, 21, 19, 30)),
        ("last_day", None, None),
        ("lead_days", 7.0, "7"),
        ("number", 0.03, "0.03"),
        ("rate", 0.15, "15.0%"),
        ("kind", "slot_fee", "坑位费"),
        ("kind", "refund_only", "refund_only"),
        ("metric", "paid_amount", "实付金额"),
        ("source", "all", "全部来源"),
        ("grain", "room+plan", "直播间 + 计划"),
        ("spend", 100050, 100050),
    ],
)
def test_a_typed_cell_reads_as_people_say_it(field: str, value: object, shown: object) -> None:
    assert import_words.typed(words("zh"), {field: value}) == {field: shown}


def test_the_key_we_make_is_not_shown() -> None:
    assert not import_words.has_name(words("zh"), "entry")


@pytest.mark.parametrize(
    ("field", "unit"),
    [("exposures", "number"), ("lead_days", "number"), ("spend", "fen"), ("day", "time"), ("host", "text")],
)
def test_figures_stand_to_the_right(field: str, unit: str) -> None:
    assert import_words.unit_of(field) == unit
