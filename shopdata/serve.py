"""``python -m shopdata serve``: the dashboard under Streamlit's own runner, with what must hold pinned.

The pins repeat ``.streamlit/config.toml``, so that no other configuration file of this computer loosens them.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
from pathlib import Path

from shopdata import link
from shopdata.settings import Settings
from shopdata.words import LANGUAGES, words

DASHBOARD = Path(__file__).resolve().parent.parent / "dashboard.py"
COOKIE_SECRET_FILE = "cookie.secret"  # noqa: S105  (a file name)
COOKIE_SECRET_VARIABLE = "STREAMLIT_SERVER_COOKIE_SECRET"  # noqa: S105  (a variable's name)
PINS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.enableStaticServing": "false",
    "server.enableXsrfProtection": "true",
    "server.enableAgentApi": "false",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": "false",
    "logger.hideWelcomeMessage": "true",
}
# for our own tests, which drive the pages through Streamlit's agent API
AGENT_VARIABLE = "SHOPDATA_TEST_AGENT_API"


def _say(key: str, **values: object) -> None:
    for language in LANGUAGES:
        sys.stderr.write(f"  {words(language)(f'web.announce.{key}', **values)}\n")


def cookie_secret(home: Path) -> str:
    """The key that signs Streamlit's cookies: made once, kept in ``home`` for this user alone."""
    path = home / COOKIE_SECRET_FILE
    if not path.exists():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")


def _is_taken(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return True
    return False


def flags(address: str, port: int) -> list[str]:
    """Streamlit's flags for a server on ``address`` and ``port``."""
    pins = PINS | {"server.address": address, "server.port": str(port)}
    if os.environ.get(AGENT_VARIABLE) == "1":
        pins["server.enableAgentApi"] = "true"
    return [part for name, value in pins.items() for part in (f"--{name}", value)]


def serve(settings: Settings, *, address: str, port: int) -> int:
    """Serve until stopped; returns the exit status. Says where an already running server is."""
    if link.is_answering(settings.home):
        _say("already", url=getattr(link.Place.read(settings.home), "url", "–"))
        return 2
    if _is_taken(address, port):
        _say("port_taken", port=port, next=port + 1)
        return 2
    os.environ[COOKIE_SECRET_VARIABLE] = cookie_secret(settings.home)
    from click.exceptions import Abort  # these two take a second to import
    from streamlit.web.cli import main as streamlit_main

    try:
        streamlit_main(["run", str(DASHBOARD), *flags(address, port)], standalone_mode=False)
    except Abort:  # Ctrl-C, after everything was closed in order
        return 0
    except SystemExit as stopped:
        return stopped.code if isinstance(stopped.code, int) else 3
    return 0
