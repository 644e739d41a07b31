"""Who comes in and who does not: every kind of path, every sign of coming from outside, and WebSockets."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from shopdata.web import identity
from shopdata.web.door import Door, content_policy, host_name, is_loopback, same_origin
from shopdata.web.guard import Guard

PATHS = (
    "/", "/overview", "/import", "/orders", "/settings", "/healthz", "/api/v1/metrics", "/api/v1/import",
    "/api/v1/session", "/export/token", "/media/abc.png", "/static/js/index.js", "/_stcore/health",
    "/_stcore/host-config", "/_stcore/stream", "/_stcore/upload_file/a/b", "/_stcore/agent/interact",
    "/component/x/y.js", "/setup/guess", "/nowhere/at/all", "//example.com/x",
)  # fmt: skip
LOCAL_HOSTS = ("127.0.0.1:8501", "localhost", "LOCALHOST:9000", "[::1]:8501", "127.8.8.8")
OTHER_HOSTS = (
    "example.com", "192.168.1.5:8501", "0.0.0.0:8501", "localhost.example.com", "127.0.0.1.example.com",
    "user@localhost", "localhost/x", "localhost:x", "[::ffff:8.8.8.8]", "", "2130706433", "::1:80",
)  # fmt: skip
PROXY_SIGNS = (
    ("forwarded", "for=1.2.3.4"), ("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", ""),
    ("x-forwarded-proto", "https"), ("x-forwarded-host", "shop.example.com"), ("via", "1.1 proxy"),
    ("x-forwarded-anything", "1"), ("x-real-ip", "1.2.3.4"), ("cf-connecting-ip", "1.2.3.4"),
)  # fmt: skip
CLOSED = {403, "closed"}


class Behind:
    """The application behind the guard: remembers what reached it."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        headers = [(b"content-type", b"text/html"), (b"cache-control", b"public")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"secret"})


def visit(
    guard: Guard,
    path: str,
    headers: Mapping[str, str] | list[tuple[str, str]],
    *,
    kind: str = "http",
    method: str = "GET",
    peer: str | None = "127.0.0.1",
    version: str = "1.1",
) -> tuple[int | str, dict[str, str], bytes]:
    """Status (or ``open`` and ``closed`` for a WebSocket), headers and body of one request."""
    pairs = list(headers.items()) if isinstance(headers, Mapping) else headers
    sent: list[Message] = []
    scope: Scope = {
        "type": kind,
        "path": path,
        "query_string": b"lang=en",
        "http_version": version,
        "client": (peer, 1) if peer else None,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
    }
    if kind == "http":
        scope["method"] = method

    async def receive() -> Message:
        return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(guard(scope, receive, send))
    if kind == "websocket":
        return ("open" if sent[0]["type"] == "websocket.accept" else "closed"), {}, b""
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:])


def house(address: str = "127.0.0.1") -> tuple[Guard, Behind]:
    behind = Behind()
    return Guard(behind, door=Door(address=address, policy="default-src 'self'")), behind


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("path", PATHS)
def test_this_computer_comes_in_everywhere(path: str, kind: str) -> None:
    for host in LOCAL_HOSTS:
        guard, behind = house()
        assert visit(guard, path, {"host": host}, kind=kind)[0] in {200, "open"}
        assert len(behind.scopes) == 1


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_closed_to_other_hosts(path: str, kind: str) -> None:
    guard, behind = house()
    for host in OTHER_HOSTS:
        assert visit(guard, path, {"host": host}, kind=kind)[0] in CLOSED, host
    assert visit(guard, path, {}, kind=kind)[0] in CLOSED
    assert visit(guard, path, [("host", "localhost"), ("host", "evil.example")], kind=kind)[0] in CLOSED
    assert not behind.scopes


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_closed_behind_a_proxy_on_this_computer(path: str, kind: str) -> None:
    guard, behind = house()
    for name, value in PROXY_SIGNS:
        assert visit(guard, path, {"host": "127.0.0.1:8501", name: value}, kind=kind)[0] in CLOSED, name
    assert visit(guard, path, {"host": "127.0.0.1:8501"}, kind=kind, version="1.0")[0] in CLOSED
    assert not behind.scopes


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("peer", ["192.168.1.9", "8.8.8.8", "::ffff:8.8.8.8", "2001:db8::1", None, "unix"])
def test_other_computers_stay_outside_whatever_host_they_name(peer: str | None, kind: str) -> None:
    guard, behind = house()
    assert visit(guard, "/overview", {"host": "localhost:8501"}, kind=kind, peer=peer)[0] in CLOSED
    assert not behind.scopes


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "shop.example.com", ""])  # noqa: S104
def test_bound_beyond_this_computer_nothing_is_served_even_to_it(address: str, kind: str) -> None:
    guard, behind = house(address)
    for path in PATHS:
        assert visit(guard, path, {"host": "127.0.0.1:8501"}, kind=kind)[0] in CLOSED, path
    assert not behind.scopes


def test_the_set_up_link_works_once_and_only_by_get() -> None:
    guard, behind = house("0.0.0.0")  # noqa: S104
    link, outside = guard.door.setup.path, {"host": "10.0.0.5:8501"}
    assert visit(guard, link, outside, method="HEAD")[0] == 403
    assert visit(guard, link, outside, method="POST")[0] == 403
    assert visit(guard, f"{link}x", outside)[0] == 403
    status, _, body = visit(guard, link, outside, peer="10.0.0.9")
    assert status == 200
    assert b"ssh -L 8501:127.0.0.1:8501 user@10.0.0.5" in body
    assert visit(guard, link, outside)[0] == 403
    assert not behind.scopes


def test_a_loopback_server_has_no_set_up_link() -> None:
    guard, _ = house()
    assert visit(guard, guard.door.setup.path, {"host": "evil.example"})[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "signs",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "null"},
        {"origin": "file://"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8501", "sec-fetch-mode": "navigate"},
    ],
)
def test_other_sites_change_nothing(method: str, signs: dict[str, str]) -> None:
    guard, behind = house()
    assert visit(guard, "/api/v1/import", {"host": "127.0.0.1:8501"} | signs, method=method)[0] == 403
    assert not behind.scopes


@pytest.mark.parametrize(
    "signs",
    [
        {},
        {"origin": "http://127.0.0.1:8501"},
        {"origin": "http://127.0.0.1:8501", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ],
)
def test_our_own_pages_and_scripts_change_things(signs: dict[str, str]) -> None:
    guard, _ = house()
    assert visit(guard, "/api/v1/import", {"host": "127.0.0.1:8501"} | signs, method="POST")[0] == 200


def test_a_websocket_of_another_site_is_refused() -> None:
    guard, behind = house()
    for origin in ("http://evil.example", "http://localhost:8501", "null", "http://127.0.0.1:8502"):
        headers = {"host": "127.0.0.1:8501", "origin": origin}
        assert visit(guard, "/_stcore/stream", headers, kind="websocket")[0] == "closed"
    headers = {"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:8501"}
    assert visit(guard, "/_stcore/stream", headers, kind="websocket")[0] == "open"
    assert len(behind.scopes) == 1


def test_other_sites_may_link_here_but_not_read() -> None:
    guard, _ = house()
    host = {"host": "127.0.0.1:8501", "sec-fetch-site": "cross-site"}
    assert visit(guard, "/overview", host | {"sec-fetch-mode": "navigate"})[0] == 200
    for mode in ("cors", "no-cors", "websocket"):
        assert visit(guard, "/api/v1/metrics", host | {"sec-fetch-mode": mode})[0] == 403


def test_identity_comes_from_the_guard_alone() -> None:
    guard, behind = house()
    forged = [("host", "localhost")] + [
        (name, "owner")
        for name in (
            "x-shopdata-user",
            "X-Shopdata-User",
            "x-shopdata-role",
            "x-shopdata-mark",
            "x-shopdata-new",
        )
    ]
    visit(guard, "/overview", forged)
    handed = [(name.decode(), value.decode()) for name, value in behind.scopes[0]["headers"]]
    ours = [(name, value) for name, value in handed if name.lower().startswith("x-shopdata")]
    assert [name for name, _ in ours] == ["x-shopdata-user", "x-shopdata-role", "x-shopdata-mark"]
    assert identity.of_headers(dict(handed)) == identity.LOCAL
    assert identity.of_headers(dict(forged)) is None


def test_a_page_knows_its_reader_only_by_the_mark_of_this_process() -> None:
    ours = {name.decode(): value.decode() for name, value in identity.LOCAL.headers()}
    keys = {name.lower(): key for name, key in identity.TRUSTED_USER_HEADERS.items()}
    user = {keys[name]: value for name, value in ours.items()}
    assert identity.of_user(user) == identity.LOCAL
    assert identity.of_user(user | {"shopdata_mark": "x"}) is None
    assert identity.of_user(user | {"shopdata_mark": None}) is None
    assert identity.of_user(user | {"shopdata_role": "god"}) is None
    assert identity.of_user({}) is None


def test_names_outside_ascii_survive_the_headers() -> None:
    name = "".join(chr(code) for code in (0x738B, 0x82B3))
    headers = {key.decode(): value.decode() for key, value in identity.Identity(name, "viewer").headers()}
    assert identity.of_headers(headers) == identity.Identity(name, "viewer")


@pytest.mark.parametrize("status", [200, 403])
def test_every_answer_carries_the_security_headers(status: int) -> None:
    guard, _ = house()
    host = "localhost" if status == 200 else "evil.example"
    found, headers, _ = visit(guard, "/overview", {"host": host})
    assert found == status
    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/v1/metrics", "/healthz", "/_stcore/health"])
def test_programs_are_refused_with_a_problem_document(path: str) -> None:
    guard, _ = house()
    _, headers, body = visit(guard, path, {"host": "evil.example"})
    assert headers["content-type"] == "application/problem+json"
    assert b'"code": "outside"' in body


def test_people_are_refused_in_their_language() -> None:
    guard, _ = house()
    _, _, english = visit(guard, "/overview", {"host": "evil.example"})
    assert b'<html lang="en">' in english
    assert b"ssh -L" in english


def test_the_policy_allows_the_one_inline_script_by_its_hash(tmp_path: Path) -> None:
    index = tmp_path / "index.html"
    index.write_text("<script>\n  window.prerenderReady = false\n</script><script src='x'></script>", "utf-8")
    policy = content_policy(index)
    assert policy.count("'sha256-") == 1
    assert "'unsafe-inline'" not in policy.split("style-src")[0]


def test_addresses_and_hosts_are_read_strictly() -> None:
    assert is_loopback("::ffff:127.0.0.1")
    assert not is_loopback("::ffff:10.0.0.1")
    assert not is_loopback("")
    assert host_name("[::1]:8501") == "::1"
    assert host_name("localhost:99999") is None
    assert same_origin("http://LOCALHOST:8501", "localhost:8501")
    assert not same_origin("ws://localhost:8501", "localhost:8501")


@given(host=st.binary(max_size=40), origin=st.binary(max_size=40))
def test_no_header_breaks_the_door(host: bytes, origin: bytes) -> None:
    guard, behind = house()
    headers = [("host", host.decode("latin-1")), ("origin", origin.decode("latin-1"))]
    status = visit(guard, "/api/v1/import", headers, method="POST")[0]
    name = host_name(headers[0][1])
    assert status == 403 or (is_loopback(name) and len(behind.scopes) == 1)
