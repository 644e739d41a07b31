"""A download link works once, for a minute, for whom it was offered to; and leaves nothing behind."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from shopdata.errors import BadUsage
from shopdata.store.tables import audit
from shopdata.web import exports
from shopdata.web.identity import LOCAL, Identity
from shopdata.web.state import Opened
from tests.web.asgi import application, call, files_below

NAME = "".join(chr(code) for code in (0x8BA2, 0x5355)) + " 1.csv"


def write(path: Path) -> None:
    path.write_bytes(b"a,b\n" * 200_000)


def offered(user: str = "local", role: str = "owner") -> str:
    return "/export/" + exports.offer(user, role, write, NAME)


def test_the_file_comes_whole_under_its_name_and_is_never_stored(opened: Opened) -> None:
    answer = call(application(), "GET", offered())
    assert answer.status == 200
    assert answer.body == b"a,b\n" * 200_000
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%E8%AE%A2%E5%8D%95%201.csv"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-length"] == "800000"
    assert not files_below(opened.settings.temporary)


def test_a_second_fetch_finds_a_page_that_says_so(opened: Opened) -> None:
    link = offered()
    assert call(application(), "GET", link).status == 200
    again = call(application(), "GET", f"{link}?lang=en")
    assert again.status == 410
    assert again.headers["content-type"].startswith("text/html")
    assert b"expired" in again.body


def test_of_many_fetches_at_once_one_gets_the_file(opened: Opened) -> None:
    link, app = offered(), application()
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(call(app, "GET", link).status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] + [410] * 7


def test_a_head_uses_nothing_up(opened: Opened) -> None:
    link = offered()
    head = call(application(), "HEAD", link)
    assert (head.status, head.body) == (200, b"")
    assert call(application(), "GET", link).status == 200


@pytest.mark.parametrize(("user", "role"), [("other", "owner"), ("local", "viewer")])
def test_a_link_of_another_user_or_role_is_worth_nothing_and_stays_theirs(
    opened: Opened, user: str, role: str
) -> None:
    link = offered(user, role)
    assert call(application(), "GET", link).status == 410
    assert exports.OFFERS.find(link.removeprefix("/export/"), Identity(user, role), take=True) is not None


@pytest.mark.parametrize("token", ["guess", "", "..%2f..", "a" * 500])
def test_a_guess_finds_nothing(opened: Opened, token: str) -> None:
    assert call(application(), "GET", f"/export/{token}").status in {404, 410}


def test_a_link_dies_after_a_minute() -> None:
    now = 0.0
    offers = exports.Offers(clock=lambda: now)
    early, late = (offers.add(exports.Offer("local", "owner", write, NAME, exports.SECONDS)) for _ in "ab")
    now = exports.SECONDS - 0.1
    assert offers.find(early, LOCAL, take=True) is not None
    now = exports.SECONDS
    assert offers.find(late, LOCAL, take=True) is None


def test_forgotten_links_do_not_pile_up() -> None:
    offers = exports.Offers(clock=lambda: 0.0)
    made = exports.Offer("local", "owner", write, NAME, 1.0)
    first = offers.add(made)
    for _ in range(exports.MOST_OPEN):
        offers.add(made)
    assert offers.find(first, LOCAL, take=False) is None
    assert len(offers._open) == exports.MOST_OPEN


def test_figures_can_be_fetched_again_but_by_nobody_else(opened: Opened) -> None:
    link = "/export/" + exports.offer_figures("local", "owner", write, NAME)
    assert [call(application(), "GET", link).status for _ in range(3)] == [200] * 3
    other = "/export/" + exports.offer_figures("local", "viewer", write, NAME)
    assert call(application(), "GET", other).status == 410


def test_every_fetch_is_in_the_audit_log(opened: Opened) -> None:
    call(application(), "GET", offered())
    with opened.store.read() as connection:
        rows = connection.execute(select(audit)).all()
    assert [(row.user, row.role, row.action) for row in rows] == [("local", "owner", "download")]
    assert '"bytes": 800000' in rows[0].detail


def test_an_export_that_fails_says_why_and_leaves_nothing(opened: Opened) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise BadUsage("field_unknown", field="x")

    link = "/export/" + exports.offer("local", "owner", fail, NAME)
    answer = call(application(), "GET", f"{link}?lang=en")
    assert answer.status == 422
    assert b"No such field: x" in answer.body
    assert not files_below(opened.settings.temporary)
