"""The case page's evidence: checklist, files, the pack, the mark of a malicious claim; who sees which."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopdata.abnormal.claims import claim_of
from shopdata.abnormal.evidence import attach, attached
from shopdata.abnormal.reading import CaseKey
from shopdata.imports.run import import_paths
from shopdata.scope import Scope
from shopdata.store import Store, open_store
from shopdata.web import exports, identity
from shopdata.words import words
from tests.abnormal import evidence_files as made
from tests.imports.shop_files import Line, order_id
from tests.imports.shop_files import orders as order_file
from tests.pages.conftest import Run, settings_of

ZH = words("zh")
KEY = CaseKey(1, "order", order_id(1))
ADDRESS = f"1:order:{order_id(1)}"
LOCAL = Scope(user="local")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(settings_of(tmp_path / "home")) as opened:
        (result,) = import_paths(opened, [order_file(tmp_path / "orders.csv", [Line(1)])])
        assert result.status == "imported"
        attach(opened, LOCAL, KEY, "a*b*.jpg", made.write(tmp_path, "a", made.picture("JPEG")), item="chat")
        yield opened


def texts(page: object) -> str:
    return "\n".join(str(one.value) for one in [*page.markdown, *page.caption])  # type: ignore[attr-defined]


def test_the_checklist_tells_what_is_there_and_what_is_missing(run: Run, store: Store) -> None:
    page = run(store, "case", case=ADDRESS)
    assert not page.exception
    said = texts(page)
    assert ZH("pages.case.evidence.checklist", dispute=ZH("abnormal.disputes.other"), n=1, of=3) in said
    assert f":green[:material/check_circle:] {ZH('abnormal.pieces.chat')}" in said
    assert f":material/radio_button_unchecked: {ZH('abnormal.pieces.scan_record')}" in said
    assert "a*b*" not in said


def test_a_file_is_assigned_and_removed(run: Run, store: Store) -> None:
    page = run(store, "case", case=ADDRESS)
    page.selectbox(key="piece_1").set_value("scan_record").run()
    assert not page.exception
    assert [one.item for one in attached(store, LOCAL, KEY)] == ["scan_record"]
    page.button(key="unattach_1").click().run()
    assert not page.exception
    assert attached(store, LOCAL, KEY) == ()


def test_an_order_is_marked_and_the_mark_withdrawn(run: Run, store: Store) -> None:
    page = run(store, "case", case=ADDRESS)
    page.session_state["case_claim_open"] = True
    page.run()
    page.text_area[-1].set_value("箱内为空")
    next(one for one in page.button if one.label == ZH("ui.save") and "claim_save" in (one.key or "")).click()
    page.run()
    assert not page.exception
    claim = claim_of(store, LOCAL, KEY)
    assert claim is not None
    assert (claim.kind, claim.inspection) == ("refund_only", "箱内为空")


def test_the_pack_is_fetched_through_the_server_s_own_door(run: Run, store: Store, tmp_path: Path) -> None:
    page = run(store, "case", case=ADDRESS)
    assert not page.exception
    links = {link.proto.label: link.proto.url for link in page.get("link_button")}
    url = links[ZH("pages.case.evidence.pack")]
    assert url.startswith("/export/")
    found = exports.OFFERS.find(url.removeprefix("/export/"), identity.LOCAL, take=True)
    assert found is not None
    assert found.file_name.endswith(".zip")
    found.make(tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        assert "case.pdf" in archive.namelist()


@pytest.mark.parametrize(
    ("role", "panel", "reveals"),
    [("owner", True, True), ("after_sales", True, True), ("operator", True, False), ("viewer", False, False)],
)
def test_the_role_decides_what_is_offered(
    run: Run, store: Store, role: str, panel: bool, reveals: bool
) -> None:
    page = run(store, "case", case=ADDRESS, who=identity.Identity("vera", role))
    assert not page.exception
    assert (ZH("pages.case.evidence.title") in texts(page)) == panel
    assert ("evidence_reveal" in [one.key for one in page.checkbox]) == reveals


def test_the_panel_speaks_english(run: Run, store: Store) -> None:
    page = run(store, "case", case=ADDRESS, language="en")
    assert not page.exception
    assert words("en")("abnormal.pieces.chat") in texts(page)
