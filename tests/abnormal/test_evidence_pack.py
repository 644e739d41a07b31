"""The evidence pack: what is in it, that it is what the files said, and what its reader may not see."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from shopdata.abnormal.cases import read_case
from shopdata.abnormal.claims import set_claim
from shopdata.abnormal.evidence import attach, remove
from shopdata.abnormal.pack import CHECKSUMS, pack, pack_name
from shopdata.abnormal.pack_tables import as_it_is
from shopdata.abnormal.reading import CaseKey
from shopdata.abnormal.working import assign, comment
from shopdata.errors import NotAllowed, NotFound
from shopdata.imports.uploads import upload_path
from shopdata.ingest.client import Parser
from shopdata.scope import Scope
from shopdata.store import Store, open_store
from shopdata.store.case_tables import case_events
from shopdata.store.tables import audit, imports
from shopdata.words import words
from tests.abnormal import evidence_files as made
from tests.abnormal.cases import MORE_AFTERSALE_HEADERS, PENDING, aftersale_cells, at, file
from tests.abnormal.conftest import NOW, bring_into, settings_in
from tests.imports.shop_files import AFTERSALE_HEADERS, Line, order_id
from tests.imports.shop_files import orders as order_file

OWNER, OPERATOR = Scope(user="anna", role="owner"), Scope(user="otto", role="operator")
KEY = CaseKey(1, "order", order_id(1))
BUYER, PHONE, STREET, NOTE = "欧阳喆", "13755550001", "金丝雀路九十九号", "=HYPERLINK(1) 请打13755550001"
MORE = (("收件人", BUYER), ("收件人手机号", PHONE), ("详细地址", STREET), ("买家留言", NOTE))


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, empty_home: Path, parser: Parser) -> Path:
    """A folder with two files and the home they were imported into: to be copied, never opened."""
    folder = tmp_path_factory.mktemp("case")
    with open_store(settings_in(shutil.copytree(empty_home, folder / "home"))) as store:
        _work(store, parser, folder)
    return folder


@pytest.fixture
def home(worked: Path, tmp_path: Path) -> Path:
    shutil.copytree(worked, tmp_path, dirs_exist_ok=True)
    return tmp_path / "home"


@pytest.fixture
def untouched(tmp_path: Path, empty_home: Path, parser: Parser) -> Iterator[Store]:
    """A store with one order nobody has looked at."""
    with open_store(settings_in(shutil.copytree(empty_home, tmp_path / "untouched"))) as store:
        bring_into(store, parser, [order_file(tmp_path / "orders.csv", [Line(1)])])
        yield store


def _work(store: Store, parser: Parser, folder: Path) -> None:
    """An order with an after-sale that somebody works on: texts, a claim, a picture, a PDF and a chat."""
    headers = (*AFTERSALE_HEADERS, *MORE_AFTERSALE_HEADERS)
    asked = {"售后申请时间": at(-20), "售后状态": PENDING, "商家退款时间": "-", "售后完结时间": "-"}
    lines = [Line(1, more=MORE), Line(2, more=(("收件人", "别人"),))]
    paths = (
        order_file(folder / "订单 十月.csv", lines),
        file(folder / "aftersales.csv", headers, [aftersale_cells(1, asked)]),
    )
    bring_into(store, parser, paths)
    assign(store, OWNER, [KEY], "小王")
    comment(store, OWNER, KEY, f"打了 {PHONE}，买家说没收到🙁 <b>粗</b>\n第二行")
    photo = made.write(folder, "photo", made.picture("JPEG"))
    attach(store, OWNER, KEY, "包裹.jpg", photo, item="waybill_photo", note="面单清晰")
    attach(store, OPERATOR, KEY, "report.pdf", made.write(folder, "report", made.PDF))
    attach(store, OWNER, KEY, "../chat.csv", made.write(folder, "chat", b"10:00,hello\n"), item="chat")
    gone = attach(store, OWNER, KEY, "wrong.mp4", made.write(folder, "video", made.MP4))
    remove(store, OWNER, KEY, gone)
    set_claim(
        store, OWNER, KEY, "empty_parcel",
        return_waybill="YT8888", inspection="箱内为空", appealed_on=date(2026, 11, 2),
    )  # fmt: skip


def packed(store: Store, folder: Path, scope: Scope = OWNER, **options: object) -> dict[str, bytes]:
    path = folder / "pack.zip"
    path.unlink(missing_ok=True)
    names = pack(store, scope, KEY, path, **options)  # type: ignore[arg-type]
    assert list(folder.glob(".*")) == []
    assert not list(store.settings.temporary.iterdir())
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert tuple(archive.namelist()) == names
        return {name: archive.read(name) for name in names}


def table(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def pages(data: bytes) -> str:
    """The text of the PDF without breaks."""
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    return text.replace("\n", "").replace(" ", "")


def test_the_pack_holds_everything_with_its_checksum(store: Store, tmp_path: Path) -> None:
    members = packed(store, tmp_path, reveal=True)
    assert list(members) == [
        "case.pdf", "timeline.csv", "log.csv",
        "raw_rows/01-订单 十月.csv", "raw_rows/02-aftersales.csv",
        "attachments/01-包裹.jpg", "attachments/02-report.pdf", "attachments/03-chat.txt",
        CHECKSUMS,
    ]  # fmt: skip
    sums = dict(reversed(line.split("  ", 1)) for line in members.pop(CHECKSUMS).decode().splitlines())  # type: ignore[misc]
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    assert members["attachments/02-report.pdf"] == made.PDF
    assert members["attachments/03-chat.txt"] == b"10:00,hello\n"


def test_raw_rows_are_the_cells_of_the_file(store: Store, tmp_path: Path) -> None:
    members = packed(store, tmp_path, reveal=True)
    for member, name in (("01-订单 十月", "订单 十月.csv"), ("02-aftersales", "aftersales.csv")):
        header, *rows = table((tmp_path / name).read_bytes())
        told, *found = table(members[f"raw_rows/{member}.csv"])
        assert told[1:] == header
        mine = [(n, row) for n, row in enumerate(rows, 2) if any(KEY.subject in cell for cell in row)]
        assert [int(row[0]) for row in found] == [n for n, _ in mine]
        for (_, given), row in zip(mine, found, strict=True):
            differing = [(a, b) for a, b in zip(given, row[1:], strict=True) if a != b]
            assert all(b == f"'{a}" and as_it_is(a) == b for a, b in differing), differing
            assert [a for a, _ in differing] == [a for a in given if a == NOTE]
    assert "别人" not in members["raw_rows/01-订单 十月.csv"].decode()


def test_the_pdf_says_it_in_chinese_that_can_be_copied(store: Store, tmp_path: Path) -> None:
    text = pages(packed(store, tmp_path, reveal=True)["case.pdf"])
    for said in (
        "举证材料：订单", KEY.subject, "疑似恶意索赔", "已人工标记：空包", "箱内为空", "YT8888",
        "2026-11-05至2026-11-09", "包裹与面单照片01", "出库与退回的称重记录缺", "01-包裹.jpg", "面单清晰",
        "指派给小王", "打了13755550001", "<b>粗</b>", "第二行", "添加凭证", "移除凭证",
        "订单十月.csv", "raw_rows/01-订单十月.csv", hashlib.sha256(made.PDF).hexdigest(),
        BUYER, STREET, "含完整买家信息", "原文件SHA-256",
    ):  # fmt: skip
        assert said in text, said
    assert "🙁" not in text


def test_the_pdf_carries_its_font_and_the_picture(store: Store, tmp_path: Path) -> None:
    reader = PdfReader(io.BytesIO(packed(store, tmp_path)["case.pdf"]))
    fonts = [
        font.get_object()["/FontDescriptor"].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
        if "/FontDescriptor" in font.get_object()
    ]
    assert fonts
    assert all("/FontFile2" in font for font in fonts)
    assert [image for page in reader.pages for image in page.images]
    assert len(packed(store, tmp_path)["case.pdf"]) < 400_000


def test_the_pack_is_english_where_that_is_asked_for(store: Store, tmp_path: Path) -> None:
    members = packed(store, tmp_path, language="en")
    assert "Evidence:Order" in pages(members["case.pdf"])
    assert table(members["log.csv"])[0] == ["Time", "Who", "What", "Text"]


def test_timeline_and_log_tell_who_did_what_when(store: Store, tmp_path: Path) -> None:
    members = packed(store, tmp_path, reveal=True)
    times = [row[0] for row in table(members["timeline.csv"])[1:]]
    assert times == sorted(times)
    assert any(row[1] == "申请售后" or "售后" in row[1] for row in table(members["timeline.csv"]))
    log = table(members["log.csv"])[1:]
    assert len(log) == len(read_case(store, OWNER, KEY).events) - 1
    assert {row[1] for row in log} == {"anna", "otto"}
    assert [row[3] for row in log if PHONE in row[3]]


@pytest.mark.parametrize("scope", [OWNER, OPERATOR], ids=lambda one: one.role)
def test_without_asking_no_buyer_is_in_tables_and_pdf(store: Store, tmp_path: Path, scope: Scope) -> None:
    members = packed(store, tmp_path, scope)
    for name, data in members.items():
        said = pages(data) if name == "case.pdf" else data.decode("utf-8", "replace")
        for needle in (PHONE, STREET, BUYER):
            assert needle not in said, (name, needle)
    assert "买家信息已隐藏" in pages(members["case.pdf"])
    raw = table(members["raw_rows/01-订单 十月.csv"])
    assert KEY.subject in {cell.strip() for cell in raw[1]}


def test_who_may_not_see_buyers_gets_only_the_files_they_attached(store: Store, tmp_path: Path) -> None:
    members = packed(store, tmp_path, OPERATOR)
    assert [name for name in members if name.startswith("attachments/")] == ["attachments/02-report.pdf"]
    assert pages(members["case.pdf"]).count("这个角色不能取得文件内容") == 2
    with pytest.raises(NotAllowed):
        pack(store, OPERATOR, KEY, tmp_path / "no.zip", reveal=True)
    assert not (tmp_path / "no.zip").exists()


def test_who_ships_gets_no_money(store: Store, tmp_path: Path) -> None:
    """They see orders to ship; this one is none, so its rows and events are no business of theirs."""
    members = packed(store, tmp_path, Scope(user="sun", role="shipping"), reveal=True)
    assert not [name for name in members if name.startswith("raw_rows/")]
    text = pages(members["case.pdf"])
    assert "100.00" not in text
    assert "涉及" not in text


@pytest.mark.parametrize("role", ["viewer", "nobody"])
def test_who_may_not_work_cases_gets_no_pack(store: Store, tmp_path: Path, role: str) -> None:
    with pytest.raises(NotAllowed):
        pack(store, Scope(user="vera", role=role), KEY, tmp_path / "no.zip")
    assert not (tmp_path / "no.zip").exists()


def test_a_pack_of_another_shop_is_not_found(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        pack(store, Scope(user="anna", shops=(7,)), KEY, tmp_path / "no.zip")


def test_making_a_pack_is_an_event_and_audited(store: Store, tmp_path: Path) -> None:
    packed(store, tmp_path, reveal=True)
    with store.read() as connection:
        event = connection.execute(select(case_events).order_by(case_events.c.id.desc()).limit(1)).one()
        (detail,) = connection.scalars(select(audit.c.detail).where(audit.c.action == "case_pack"))
    assert (event.action, event.user, event.text) == ("pack", "anna", None)
    assert json.loads(detail) == {
        "key": [1, "order", KEY.subject],
        "files": 9,
        "attachments": 3,
        "reveal": True,
    }


def test_a_file_that_is_lost_and_an_upload_that_was_erased_are_said(store: Store, tmp_path: Path) -> None:
    (store.settings.evidence / hashlib.sha256(made.PDF).hexdigest()).write_bytes(b"%PDF another")
    with store.read() as connection:
        shas = list(connection.scalars(select(imports.c.sha256).order_by(imports.c.id)))
    upload_path(store.settings.uploads, shas[0]).unlink()
    members = packed(store, tmp_path, reveal=True)
    assert "attachments/02-report.pdf" not in members
    text = pages(members["case.pdf"])
    assert "内容已变" in text
    assert "没有留下这个订单的原始行" in text
    assert [name for name in members if name.startswith("raw_rows/")] == ["raw_rows/01-aftersales.csv"]


def test_a_case_nobody_touched_can_be_packed(untouched: Store, tmp_path: Path) -> None:
    assert list(packed(untouched, tmp_path)) == [
        "case.pdf", "timeline.csv", "log.csv", "raw_rows/01-orders.csv", CHECKSUMS,
    ]  # fmt: skip


def test_a_comment_longer_than_a_page_is_printed_whole(untouched: Store, tmp_path: Path) -> None:
    for _ in range(3):
        comment(untouched, OWNER, KEY, "一行\n" * 400 + "完")
    assert pages(packed(untouched, tmp_path)["case.pdf"]).count("完") >= 3


def test_a_pack_is_named_after_its_order() -> None:
    assert pack_name(KEY, NOW, words("zh")) == f"举证材料-{KEY.subject}-20261102-120000.zip"
    assert "/" not in pack_name(CaseKey(1, "x", "../../a/b"), NOW, words("zh"))


def test_a_large_file_is_never_held_in_memory(untouched: Store, tmp_path: Path) -> None:
    path = made.write(tmp_path, "large", made.PDF)
    with path.open("r+b") as stream:
        stream.seek(40 << 20)
        stream.write(b"%%EOF")
    packed(untouched, tmp_path)
    tracemalloc.start()
    try:
        attach(untouched, OWNER, KEY, "large.pdf", path)
        pack(untouched, OWNER, KEY, tmp_path / "large.zip")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24 << 20
    with zipfile.ZipFile(tmp_path / "large.zip") as archive:
        assert archive.getinfo("attachments/01-large.pdf").file_size == path.stat().st_size
