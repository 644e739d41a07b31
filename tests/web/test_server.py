"""The whole server as people start it: what it prints, what it answers, whom it lets in, what it leaves."""

import base64
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.ui.frame import NAMES
from tests.serving import Server, serving

PATHS = (
    "/", "/healthz", *(f"/{name}" for name in NAMES),
    "/api/v1/metrics", "/api/v1/status", "/api/v1/orders", "/api/v1/session", "/export/x", "/media/x.csv",
    "/_stcore/health", "/_stcore/host-config", "/_stcore/agent/openapi.json", "/static/index.html",
    "/_stcore/bidi-components/shopdata.upload/upload.js", "/nowhere",
)  # fmt: skip
OUTSIDE = (
    {"Host": "shop.example.com"},
    {"X-Forwarded-For": "1.2.3.4"},
    {"Forwarded": "for=1.2.3.4"},
    {"Host": "192.168.1.9:8501"},
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server") / "home") as running:
        yield running


def home_of(server: Server) -> Path:
    return server.log.with_name("home")


def handshake(server: Server, **headers: str) -> int:
    """Status of a WebSocket handshake on the page's own stream."""
    key = base64.b64encode(os.urandom(16)).decode()
    sent = {
        "Host": f"127.0.0.1:{server.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": "streamlit",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(f"GET /_stcore/stream HTTP/1.1\r\n{lines}\r\n".encode())
        return int(connection.recv(64).split()[1])


def test_it_prints_its_address_in_both_languages_and_nothing_alarming(server: Server) -> None:
    assert server.printed().count(f"http://127.0.0.1:{server.port}") >= 2
    assert "shopdata is ready" in server.printed()
    assert "Traceback" not in server.printed()


@pytest.mark.parametrize("path", PATHS)
def test_this_computer_is_let_in(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.status in {200, 404, 410}
    assert "sha256-" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("headers", OUTSIDE, ids=str)
@pytest.mark.parametrize("path", PATHS)
def test_everybody_else_is_not(server: Server, path: str, headers: dict[str, str]) -> None:
    answer = server.get(path, headers)
    assert answer.status == 403
    assert b"root" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_another_site_changes_nothing(server: Server, method: str) -> None:
    for path in ("/api/v1/import", "/_stcore/upload_file/a/b", "/_stcore/agent/interact"):
        answer = server.request(method, path, {"Origin": "http://127.0.0.1:1"}, b"x")
        assert answer.status == 403


def test_the_stream_of_a_page_opens_to_this_computer_alone(server: Server) -> None:
    own = f"http://127.0.0.1:{server.port}"
    assert handshake(server, Origin=own) == 101
    assert handshake(server, Origin="http://evil.example") == 403
    assert handshake(server, Origin=own, X_Forwarded_For="1.2.3.4") == 403
    assert handshake(server, Host="evil.example", Origin="http://evil.example") == 403


def test_the_page_shell_is_never_stored(server: Server) -> None:
    for path in ("/", "/overview", "/api/v1/metrics"):
        assert server.get(path).headers["cache-control"] == "no-store"


def test_the_agent_api_is_off(server: Server) -> None:
    assert server.request("POST", "/_stcore/agent/interact", body=b"{}").status in {403, 404, 405, 501}


def test_everything_it_writes_is_for_its_owner_alone(server: Server) -> None:
    home = home_of(server)
    for path in (home, *home.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_an_upload_is_imported_and_its_document_returned(server: Server) -> None:
    answer = server.request(
        "POST", "/api/v1/import?wait=1&lang=en", {"X-File-Name": "hello.csv"}, b"hello,world\n1,2\n"
    )
    assert answer.status == 200, answer.body
    (entry,) = answer.json()["files"]
    assert (entry["file"], entry["status"], entry["error"]["code"]) == (
        "hello.csv",
        "refused",
        "format_unknown",
    )
    assert entry["error"]["message"].startswith("This export is not recognised")
    assert not [path for path in (home_of(server) / "tmp").rglob("*") if path.is_file()]


def test_bound_to_all_addresses_it_serves_only_the_set_up_link(tmp_path: Path) -> None:
    with serving(tmp_path / "home", "--address", "0.0.0.0") as running:  # noqa: S104  (what is tested)
        for path in PATHS:
            assert running.get(path).status == 403
        assert handshake(running) == 403
        printed = running.printed()
        link = printed[printed.index("/setup/") :].split()[0]
        assert running.get(link).status == 200
        assert running.get(link).status == 403


def test_it_leaves_in_order(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving(home) as running:
        assert (home / "link.json").exists()
    assert not (home / "link.json").exists()
    assert not (home / "link.sock").exists()
    assert "Traceback" not in running.printed()
    with serving(home) as again:
        assert again.get("/healthz").status == 200


def test_a_taken_port_is_said_in_words(server: Server, tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match=f"Port {server.port} is in use"),
        serving(tmp_path / "home", "--port", str(server.port)),
    ):
        pass
