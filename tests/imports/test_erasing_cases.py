"""What erasing leaves to cases that go on, and takes from those that are closed."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from shopdata.abnormal.cases import read_case
from shopdata.abnormal.evidence import attach, attached
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import answer, comment
from shopdata.imports.erasing import is_due, purge
from shopdata.imports.raw_rows import rows_of_order
from shopdata.ingest.client import Parser
from shopdata.scope import Scope
from shopdata.store import Store, backup, doctor, restore
from shopdata.store.case_tables import case_rows, evidence
from shopdata.store.tables import ORDER_LINES, marks
from tests.abnormal import evidence_files as made
from tests.imports.shop_files import Line, order_id, parcels
from tests.imports.test_erasing import (
    LONG_AGO,
    NOW,
    PHONE,
    STREET,
    Clock,
    canaries,
    files_with,
    texts_with,
)

OWNER = Scope(user="anna", role="owner")
OPEN, CLOSED = CaseKey(1, "order", order_id(1)), CaseKey(1, "order", order_id(2))
DAY = date(2026, 9, 1)
SAID, CHAT = "13755559999 打过电话", b"13755558888"
LINES = ORDER_LINES.table


@pytest.fixture
def clock(tmp_path: Path, parser: Parser) -> Clock:
    """Six orders of long ago; one has a case that goes on, one a case that is closed."""
    clock = Clock(tmp_path / "home", parser)
    clock.bring(LONG_AGO, canaries(tmp_path))
    with clock.at(LONG_AGO) as store:
        for key in (OPEN, CLOSED):
            comment(store, OWNER, key, SAID)
            attach(store, OWNER, key, "13755557777.txt", made.write(tmp_path, "chat", CHAT), note=SAID)
        only = made.write(tmp_path, "only", b"13755556666")
        attach(store, OWNER, CLOSED, "only.txt", only)
        answer(store, OWNER, [CLOSED], "resolved")
    return clock


def told(store: Store) -> dict[str, str | None]:
    with store.read() as connection:
        return dict(connection.execute(select(LINES.c.order_id, LINES.c.phone)).all())  # type: ignore[arg-type]


def test_an_order_whose_case_goes_on_keeps_its_buyer_and_the_others_lose_theirs(clock: Clock) -> None:
    with clock.at(NOW) as store:
        proof = purge(store, DAY, "anna")
        phones = told(store)
        assert phones.pop(order_id(1)) == PHONE
        assert set(phones.values()) == {None}
        assert set(texts_with(store, STREET)) <= {"order_lines", "case_rows"}
        assert proof["search"]["found"] == []
        assert proof["cases"] == {"orders_kept": 1, "rows_aside": 1, "files": 1}
        assert not is_due(store)
        assert doctor(store).ok


def test_an_order_keeps_its_buyer_while_the_case_of_its_waybill_goes_on(clock: Clock, tmp_path: Path) -> None:
    waybill = CaseKey(1, "waybill", f"SF{3:013d}")
    clock.bring(LONG_AGO, parcels(tmp_path / "parcels.csv", [Line(3, day="2026-07-05")]))
    with clock.at(LONG_AGO) as store:
        comment(store, OWNER, waybill, "快递丢件，正在理赔")
    with clock.at(NOW) as store:
        purge(store, DAY, "anna")
        phones = told(store)
        assert (phones[order_id(3)], phones[order_id(4)]) == (PHONE, None)
        orders, parcel = rows_of_order(store, 1, order_id(3))
        assert (orders.gone, len(orders.sheets), len(parcel.sheets)) == (True, 1, 1)
        answer(store, OWNER, [waybill], "resolved")
        assert is_due(store)
        purge(store, DAY, "anna")
        assert set(told(store).values()) == {PHONE, None}
        assert told(store)[order_id(3)] is None


def test_the_upload_goes_whole_and_the_rows_of_the_order_stay_with_its_case(clock: Clock) -> None:
    with clock.at(NOW) as store:
        (before,) = rows_of_order(store, 1, order_id(1))
        purge(store, DAY, "anna")
        (after,) = rows_of_order(store, 1, order_id(1))
        assert (before.gone, after.gone) == (False, True)
        assert after.sheets == before.sheets
        ((_, cells),) = after.sheets[0].rows
        assert {PHONE, STREET} <= {cell.strip() for cell in cells}
        assert list(store.settings.uploads.iterdir()) == []
        (other,) = rows_of_order(store, 1, order_id(2))
        assert (other.gone, other.sheets) == (True, ())


def test_a_closed_case_loses_its_texts_and_files_and_an_open_one_keeps_them(clock: Clock) -> None:
    with clock.at(NOW) as store:
        purge(store, DAY, "anna")
        kept, gone = (read_case(store, OWNER, key).events for key in (OPEN, CLOSED))
        assert {event.text for event in kept} == {SAID, "13755557777.txt"}
        assert {event.text for event in gone} == {None}
        assert [one.file_name for one in attached(store, OWNER, OPEN)] == ["13755557777.txt"]
        assert attached(store, OWNER, CLOSED) == ()
        with store.read() as connection:
            rows = connection.execute(select(evidence).order_by(evidence.c.id)).all()
        assert [(row.file_name, row.note, row.removed_by) for row in rows[1:]] == [(None, None, None)] * 2
        (left,) = store.settings.evidence.iterdir()
        assert left.read_bytes() == CHAT
    assert files_with(clock.home, "13755556666") == []


def test_what_is_younger_than_the_day_stays_in_a_closed_case(clock: Clock, tmp_path: Path) -> None:
    with clock.at(NOW) as store:
        comment(store, OWNER, CLOSED, "今天补充")
        attach(store, OWNER, CLOSED, "new.pdf", made.write(tmp_path, "new", made.PDF))
        purge(store, DAY, "anna")
        texts = [event.text for event in read_case(store, OWNER, CLOSED).events if event.text]
        assert texts == ["今天补充", "new.pdf"]
        assert [one.file_name for one in attached(store, OWNER, CLOSED)] == ["new.pdf"]


def test_closing_the_case_makes_the_rest_due(clock: Clock) -> None:
    with clock.at(NOW) as store:
        purge(store, DAY, "anna")
        answer(store, OWNER, [OPEN], "resolved")
        assert is_due(store)
        proof = purge(store, DAY, "anna")
        assert proof["cases"] == {"orders_kept": 0, "rows_aside": 0, "files": 1}
        for needle in (PHONE, STREET, SAID, "13755557777"):
            assert list(texts_with(store, needle)) == [], needle
        with store.read() as connection:
            assert connection.scalar(select(func.count()).select_from(case_rows)) == 0
        assert not is_due(store)
    for needle in (PHONE, STREET, "13755559999", "13755558888"):
        assert files_with(clock.home, needle) == []


def test_a_case_that_waits_goes_on_and_a_false_alarm_is_closed(clock: Clock) -> None:
    with clock.at(NOW) as store:
        answer(store, OWNER, [OPEN], "waiting")
        answer(store, OWNER, [CLOSED], "false_alarm")
        purge(store, DAY, "anna")
        assert [number for number, phone in told(store).items() if phone] == [order_id(1)]


def test_notes_on_marks_of_an_order_with_an_open_case_stay(clock: Clock) -> None:
    with clock.at(NOW) as store:
        with store.write() as connection:
            for number in (1, 2):
                note = {"shop_id": 1, "order_id": order_id(number), "mark": "m", "note": PHONE}
                connection.execute(insert(marks).values(note | {"marked_at": LONG_AGO}))
        purge(store, DAY, "anna")
        with store.read() as connection:
            assert list(connection.scalars(select(marks.c.note).order_by(marks.c.order_id))) == [PHONE, None]


def test_what_a_restore_put_aside_goes_with_its_files(clock: Clock, tmp_path: Path) -> None:
    with clock.at(LONG_AGO) as store:
        backup(store, tmp_path / "shop.duckdb")
        settings = store.settings
    kept = restore(settings, tmp_path / "shop.duckdb")
    assert kept is not None
    copies = list(kept.parent.iterdir())
    assert len(copies) == 2
    for path in copies:
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    with clock.at(NOW) as store:
        purge(store, DAY, "anna")
    assert list(kept.parent.iterdir()) == []


def test_an_old_backup_goes_with_the_files_beside_it(clock: Clock, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    with clock.at(datetime(2026, 8, 2)) as store:
        made_then = backup(store, away / "shop.duckdb")
        assert made_then.attachments is not None
        assert made_then.attachments.exists()
    with clock.at(NOW) as store:
        purge(store, DAY, "anna")
    assert list(away.iterdir()) == []
