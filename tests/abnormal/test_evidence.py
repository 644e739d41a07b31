"""Files attached to a case: which are taken, what is taken out of them, who may, and what is written down."""

from __future__ import annotations

import hashlib
import json
import stat
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, update

from shopdata.abnormal.cases import read_case
from shopdata.abnormal.evidence import attach, attached, fetch, remove, set_item
from shopdata.abnormal.evidence_kinds import KINDS, clean_name, name_out
from shopdata.abnormal.reading import CaseKey
from shopdata.errors import BadUsage, NotAllowed, NotFound, Refused
from shopdata.imports.preferences import remove_sample
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.case_tables import evidence
from shopdata.store.tables import audit, shops
from shopdata.words import words
from shopdata.words.sentences import sentence
from tests.abnormal import evidence_files as made
from tests.abnormal.conftest import Bring
from tests.imports.shop_files import Line, order_id
from tests.imports.shop_files import orders as order_file

OWNER = Scope(user="anna", role="owner")


@pytest.fixture
def keys(bring: Bring, tmp_path: Path) -> tuple[CaseKey, CaseKey]:
    """Two orders somebody works on."""
    bring(order_file(tmp_path / "orders.csv", [Line(1), Line(2)]))
    return CaseKey(1, "order", order_id(1)), CaseKey(1, "order", order_id(2))


@pytest.fixture
def key(keys: tuple[CaseKey, CaseKey]) -> CaseKey:
    return keys[0]


def kept(store: Store) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in store.settings.evidence.iterdir()}


GOOD = {
    "photo.jpg": ("jpeg", made.picture("JPEG")),
    "photo.png": ("png", made.picture("PNG")),
    "photo.webp": ("webp", made.picture("WEBP")),
    "photo.gif": ("gif", made.picture("GIF")),
    "video.mp4": ("mp4", made.MP4),
    "report.pdf": ("pdf", made.PDF),
    "chat.txt": ("text", "买家：没有收到\r\n客服：已核实".encode()),
    "chat.csv": ("text", "时间,内容\n10:00,你好\n".encode("gb18030")),
    "named wrongly.exe": ("png", made.picture("PNG", colour="blue")),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_file_is_taken_for_what_it_holds_and_lies_under_its_hash(
    store: Store, tmp_path: Path, key: CaseKey, name: str
) -> None:
    kind, data = GOOD[name]
    attach(store, OWNER, key, name, made.write(tmp_path, "given", data), strip_exif=False)
    (one,) = attached(store, OWNER, key)
    assert (one.file_name, one.kind, one.size) == (name, kind, len(data))
    assert one.sha256 == one.given_sha256 == hashlib.sha256(data).hexdigest()
    assert kept(store) == {one.sha256: data}
    (path,) = store.settings.evidence.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not list(store.settings.temporary.iterdir())


BAD = {
    "empty.jpg": (b"", "evidence_empty"),
    "page.html": (made.HTML, "evidence_markup"),
    "drawing.svg": (made.SVG, "evidence_markup"),
    "page as chat.txt": (b"hello <script>alert(1)</script>", "evidence_markup"),
    "photo.heic": (made.HEIC, "evidence_kind"),
    "program.jpg": (b"MZ\x90\x00" + b"\x00" * 64, "evidence_kind"),
    "program": (b"\x7fELF" + b"\x00" * 64, "evidence_kind"),
    "papers.zip": (b"PK\x03\x04" + b"\x00" * 64, "evidence_kind"),
    "run.txt": (b"#!/bin/sh\necho hi\n", "evidence_program"),
    "run.bat": (b"echo hi\r\n", "evidence_program"),
    "run.js": (b"alert(1)", "evidence_program"),
    "cut.jpg": (made.picture("JPEG")[:400], "evidence_damaged"),
    "cut.png": (made.picture("PNG")[:60], "evidence_damaged"),
    "cut.pdf": (made.PDF[:40], "evidence_damaged"),
    "only a start.webp": (b"RIFF\x00\x00\x00\x00WEBPxxxx", "evidence_damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_may_not_be_attached_is_refused_in_words(
    store: Store, tmp_path: Path, key: CaseKey, name: str
) -> None:
    data, code = BAD[name]
    with pytest.raises(Refused) as refusal:
        attach(store, OWNER, key, name, made.write(tmp_path, "given", data))
    assert refusal.value.code == code
    for language in ("zh", "en"):
        said = sentence(refusal.value, words(language))
        assert said
        assert "{" not in said
    assert attached(store, OWNER, key) == ()
    assert kept(store) == {}
    assert not list(store.settings.temporary.iterdir())


@pytest.mark.parametrize("kind", ["jpeg", "mp4", "pdf"])
def test_too_large_a_file_is_refused_with_its_limit(
    store: Store, tmp_path: Path, key: CaseKey, kind: str
) -> None:
    start = {"jpeg": made.picture("JPEG"), "mp4": made.MP4, "pdf": made.PDF}[kind]
    path = made.write(tmp_path, "given", start)
    limit = KINDS[kind].limit
    with path.open("r+b") as file:
        file.truncate(limit + 1)
    with pytest.raises(Refused, match="evidence_too_large") as refusal:
        attach(store, OWNER, key, f"large.{kind}", path)
    assert f"{limit >> 20} MB" in sentence(refusal.value, words("en"))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_place_camera_and_comment_are_gone_where_that_is_wished(
    store: Store, tmp_path: Path, key: CaseKey, form: str
) -> None:
    given = made.picture(form)
    assert made.MAKER.encode() in given
    if form != "GIF":
        with Image.open(BytesIO(given)) as before:
            assert before.getexif().get_ifd(made.PLACE)
    attach(store, OWNER, key, "photo", made.write(tmp_path, "given", given), strip_exif=True)
    (one,) = attached(store, OWNER, key)
    (data,) = kept(store).values()
    assert one.is_stripped
    assert one.given_sha256 == hashlib.sha256(given).hexdigest()
    assert made.MAKER.encode() not in data
    with Image.open(BytesIO(data)) as after:
        assert not after.getexif()
        assert not after.getexif().get_ifd(made.PLACE)
        assert "comment" not in after.info


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_on_its_side_stays_upright_without_its_metadata(
    store: Store, tmp_path: Path, key: CaseKey, form: str
) -> None:
    attach(store, OWNER, key, "photo", made.write(tmp_path, "given", made.picture(form, turned=True)))
    (data,) = kept(store).values()
    with Image.open(BytesIO(data)) as after:
        assert after.size == (40, 20)
        left, right = after.convert("RGB").getpixel((5, 10)), after.convert("RGB").getpixel((35, 10))
    assert left[0] > 200 > 100 > left[2]  # type: ignore[index]
    assert min(right) > 200  # type: ignore[arg-type,type-var]


def test_without_the_wish_every_byte_stays(store: Store, tmp_path: Path, key: CaseKey) -> None:
    given = made.picture("JPEG")
    attach(store, OWNER, key, "photo", made.write(tmp_path, "given", given), strip_exif=False)
    assert list(kept(store).values()) == [given]


@pytest.mark.parametrize("strip", [True, False])
def test_the_same_file_twice_in_a_case_is_one_row(
    store: Store, tmp_path: Path, key: CaseKey, strip: bool
) -> None:
    path = made.write(tmp_path, "given", made.picture("JPEG"))
    first = attach(store, OWNER, key, "a.jpg", path, strip_exif=strip)
    assert attach(store, OWNER, key, "b.jpg", path, strip_exif=not strip) == first
    assert [one.file_name for one in attached(store, OWNER, key)] == ["a.jpg"]
    assert [event.action for event in read_case(store, OWNER, key).events] == ["evidence_added"]
    assert len(kept(store)) == 1


def test_a_removed_file_is_gone_unless_another_case_needs_it(
    store: Store, tmp_path: Path, keys: tuple[CaseKey, CaseKey]
) -> None:
    path = made.write(tmp_path, "given", made.PDF)
    first, second = (attach(store, OWNER, key, "report.pdf", path) for key in keys)
    remove(store, OWNER, keys[0], first)
    assert attached(store, OWNER, keys[0]) == ()
    assert len(kept(store)) == 1
    remove(store, OWNER, keys[1], second)
    assert kept(store) == {}
    with pytest.raises(NotFound):
        remove(store, OWNER, keys[1], second)
    with store.read() as connection:
        rows = connection.execute(select(evidence)).all()
        done = list(connection.scalars(select(audit.c.action).order_by(audit.c.at)))
    assert {row.removed_by for row in rows} == {"anna"}
    assert done.count("case_evidence_added") == done.count("case_evidence_removed") == 2


def test_what_is_written_down_names_no_file_but_the_event_does(
    store: Store, tmp_path: Path, key: CaseKey
) -> None:
    """A name may tell who the buyer is: events are erased with the buyers, the audit log is not."""
    attach(store, OWNER, key, "张三聊天.pdf", made.write(tmp_path, "given", made.PDF))
    (event,) = read_case(store, OWNER, key).events
    assert event.text == "张三聊天.pdf"
    with store.read() as connection:
        details = list(connection.scalars(select(audit.c.detail)))
    assert not any("张三" in detail for detail in details)
    (told,) = [json.loads(one) for one in details if "evidence" in one]
    assert told["sha256"] == hashlib.sha256(made.PDF).hexdigest()


def test_a_file_is_a_piece_of_the_checklist_or_none(store: Store, tmp_path: Path, key: CaseKey) -> None:
    number = attach(store, OWNER, key, "a.pdf", made.write(tmp_path, "given", made.PDF), item="signing_proof")
    assert [one.item for one in attached(store, OWNER, key)] == ["signing_proof"]
    set_item(store, OWNER, key, number, None)
    assert [one.item for one in attached(store, OWNER, key)] == [None]
    with pytest.raises(BadUsage):
        set_item(store, OWNER, key, number, "no such piece")


@pytest.mark.parametrize("role", ["viewer", "nobody"])
def test_who_may_not_work_cases_attaches_removes_and_fetches_nothing(
    store: Store, tmp_path: Path, key: CaseKey, role: str
) -> None:
    path = made.write(tmp_path, "given", made.PDF)
    number = attach(store, OWNER, key, "a.pdf", path)
    other = Scope(user="vera", role=role)
    with pytest.raises(NotAllowed):
        attach(store, other, key, "b.pdf", path)
    with pytest.raises(NotAllowed):
        remove(store, other, key, number)
    with pytest.raises(NotAllowed):
        fetch(store, other, key, number, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_who_may_not_see_buyers_fetches_only_what_they_attached(
    store: Store, tmp_path: Path, key: CaseKey
) -> None:
    operator = Scope(user="otto", role="operator")
    theirs = attach(store, operator, key, "a.pdf", made.write(tmp_path, "a", made.PDF))
    mine = attach(store, OWNER, key, "b.mp4", made.write(tmp_path, "b", made.MP4))
    fetch(store, operator, key, theirs, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == made.PDF
    with pytest.raises(NotAllowed):
        fetch(store, operator, key, mine, tmp_path / "out")
    with store.read() as connection:
        done = list(connection.scalars(select(audit.c.action)))
    assert done.count("evidence_fetched") == 1


def test_a_case_of_another_shop_or_order_takes_nothing(store: Store, tmp_path: Path, key: CaseKey) -> None:
    path = made.write(tmp_path, "given", made.PDF)
    for other in (CaseKey(1, "order", "404"), CaseKey(7, "order", key.subject)):
        with pytest.raises(NotFound):
            attach(store, OWNER, other, "a.pdf", path)
    assert kept(store) == {}


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ('a<b>:"c".png', "a_b___c_.png"),
        ("\n\t", "-"),
        ("长" * 300 + ".png", "长" * 91 + ".png"),
    ],
)
def test_a_name_steers_neither_a_screen_nor_a_disk(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_a_file_leaves_under_the_ending_of_its_kind() -> None:
    assert name_out("run.exe", "png", 3) == "03-run.png"
    assert name_out("chat.csv", "text", 12) == "12-chat.txt"
    assert name_out(None, "pdf", 1) == "01-pdf.pdf"


def test_files_of_the_sample_go_with_it(store: Store, tmp_path: Path, key: CaseKey) -> None:
    attach(store, OWNER, key, "a.pdf", made.write(tmp_path, "given", made.PDF))
    with store.write() as connection:
        connection.execute(update(shops).values(is_sample=True))
    remove_sample(store, OWNER)
    assert kept(store) == {}
    with store.read() as connection:
        assert connection.execute(select(evidence)).all() == []
