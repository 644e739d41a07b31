"""Evidence through the server's own route: streamed, checked, refused in words, nothing left behind."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from shopdata.abnormal.evidence import attached
from shopdata.abnormal.evidence_kinds import LARGEST
from shopdata.abnormal.reading import CaseKey
from shopdata.imports.run import import_paths
from shopdata.scope import Scope
from shopdata.web import door
from shopdata.web.identity import Identity
from shopdata.web.state import Opened
from tests.abnormal import evidence_files as made
from tests.imports.shop_files import Line, order_id
from tests.imports.shop_files import orders as order_file
from tests.web.asgi import Answer, application, call, files_below

KEY = CaseKey(1, "order", order_id(1))
URL = f"/api/v1/evidence?shop=1&kind=order&subject={order_id(1)}"


@pytest.fixture(autouse=True)
def order(opened: Opened, tmp_path: Path) -> None:
    (result,) = import_paths(opened.store, [order_file(tmp_path / "orders.csv", [Line(1)])])
    assert result.status == "imported"


def post(name: str, *body: bytes, url: str = URL, **headers: str) -> Answer:
    told = {"x-file-name": quote(name), "content-type": "application/octet-stream", **headers}
    return call(application(), "POST", url, told, body)


def test_a_file_is_attached_under_its_name(opened: Opened) -> None:
    answer = post("聊天 1.jpg", *(bytes([byte]) for byte in made.picture("JPEG")))
    assert answer.status == 201, answer.body
    (one,) = attached(opened.store, Scope(), KEY)
    assert (one.id, one.file_name, one.added_by) == (answer.json()["evidence"], "聊天 1.jpg", "local")
    assert not one.is_stripped
    assert not files_below(opened.settings.temporary)


def test_metadata_goes_where_that_is_wished(opened: Opened) -> None:
    assert post("a.jpg", made.picture("JPEG"), url=f"{URL}&strip=1").status == 201
    (one,) = attached(opened.store, Scope(), KEY)
    assert one.is_stripped


@pytest.mark.parametrize(
    ("url", "name", "body", "status", "code"),
    [
        (URL, "a.svg", made.SVG, 422, "evidence_markup"),
        (URL, "a.exe", b"MZ" + b"\0" * 80, 422, "evidence_kind"),
        (URL, "a.jpg", b"", 422, "evidence_empty"),
        ("/api/v1/evidence", "a.pdf", made.PDF, 422, "upload_no_case"),
        ("/api/v1/evidence?shop=x&kind=order&subject=1", "a.pdf", made.PDF, 422, "upload_no_case"),
        ("/api/v1/evidence?shop=1&kind=order&subject=404", "a.pdf", made.PDF, 422, "case_not_found"),
        ("/api/v1/evidence?shop=9&kind=order&subject=1", "a.pdf", made.PDF, 404, "not_found"),
    ],
)
def test_what_cannot_be_attached_is_refused_in_a_sentence(
    opened: Opened, url: str, name: str, body: bytes, status: int, code: str
) -> None:
    answer = post(name, body, url=url)
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    assert "{" not in answer.json()["detail"]
    assert not files_below(opened.settings.temporary)
    assert not files_below(opened.settings.evidence)


def test_too_much_is_refused_before_and_while_it_comes(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced = post("a.mp4", b"x", **{"content-length": str(LARGEST + 1)})
    assert (announced.status, announced.json()["code"]) == (413, "evidence_too_large")
    assert "200 MB" in announced.json()["detail"]
    monkeypatch.setattr("shopdata.web.attaching.LARGEST", 1 << 20)
    answer = post("a.mp4", *[b"x" * 300_000] * 5)
    assert (answer.status, answer.json()["code"]) == (413, "evidence_too_large")
    assert "1 MB" in answer.json()["detail"]
    assert not files_below(opened.settings.temporary)


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("after_sales", 201), ("operator", 201)])
def test_the_role_decides(opened: Opened, monkeypatch: pytest.MonkeyPatch, role: str, status: int) -> None:
    monkeypatch.setattr(door, "LOCAL", Identity("vera", role))
    assert post("a.pdf", made.PDF).status == status
