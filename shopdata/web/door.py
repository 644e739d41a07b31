"""What the guard decides: who may come in, and what is said to those who may not. No sending here.

Without accounts the door is open to this computer alone. A request counts as local only if everything about
it is: the peer, the Host it asked for, and no sign of a proxy on the way (a proxy on the same machine must
not publish an open shop). Bound to anything but loopback, nothing is served but the one-time set-up link.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from shopdata.web.identity import LOCAL, Identity

SETUP_PATH = "/setup/"
PROXY_HEADERS = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOCAL_NAMES = ("localhost", "ip6-localhost")


@dataclass(frozen=True, slots=True)
class Visit:
    """What the guard looks at in a request."""

    kind: str
    path: str
    method: str
    peer: str | None
    hosts: tuple[str, ...]
    proxied: bool
    origins: tuple[str, ...]
    fetch_site: str | None
    fetch_mode: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody stays outside: a key under ``web.refusal`` and the HTTP status."""

    code: str
    status: int


@dataclass(slots=True)
class SetupLink:
    """The one-time link that a server bound beyond loopback prints on its console."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    used: bool = False

    @property
    def path(self) -> str:
        """Where the link points to on this server."""
        return SETUP_PATH + self.token

    def spend(self, path: str) -> bool:
        """Whether ``path`` is the link, which from now on no longer works."""
        if self.used or not secrets.compare_digest(path.encode(), self.path.encode()):
            return False
        self.used = True
        return True


def is_loopback(address: str | None) -> bool:
    """Whether an IP address or a local name belongs to this computer alone."""
    if not address:
        return False
    if address.lower() in LOCAL_NAMES:
        return True
    try:
        number = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    return bool((mapped or number).is_loopback)


def host_name(host: str) -> str | None:
    """The name in a Host header without its port, or ``None`` when it is no such thing."""
    try:
        parts = urlsplit(f"//{host}")
        port_is_number = parts.port is None or parts.port >= 0
    except ValueError:
        return None
    clean = not (parts.username or parts.password or parts.path or parts.query or parts.fragment)
    return parts.hostname if clean and port_is_number else None


def same_origin(origin: str, host: str) -> bool:
    """Whether an Origin header names the very site that ``host`` names."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()


def content_policy(index: Path) -> str:
    """The Content-Security-Policy, with the hash of each inline script of Streamlit's ``index.html``."""
    scripts = re.findall(r"<script>(.*?)</script>", index.read_text(encoding="utf-8"), re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' {allowed}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"
    )


@dataclass(frozen=True, slots=True)
class Door:
    """Where the server listens, and the rules that follow from it."""

    address: str
    policy: str
    setup: SetupLink = field(default_factory=SetupLink)

    @property
    def opens_to_this_computer(self) -> bool:
        """Whether the server is bound to loopback, so that it may serve without accounts."""
        return is_loopback(self.address)

    def judge(self, visit: Visit) -> Identity | Refusal:
        """Who comes in, or why not. Called for every HTTP request and WebSocket."""
        if not self.opens_to_this_computer:
            return Refusal("bound_outside", 403)
        if not self._is_local(visit):
            return Refusal("outside", 403)
        if self._is_foreign(visit):
            return Refusal("foreign_page", 403)
        return LOCAL

    @staticmethod
    def _is_local(visit: Visit) -> bool:
        if visit.proxied or not is_loopback(visit.peer) or len(visit.hosts) != 1:
            return False
        return is_loopback(host_name(visit.hosts[0]))

    @staticmethod
    def _is_foreign(visit: Visit) -> bool:
        """A page of another site (also of another port here) makes the browser send this."""
        reads = visit.kind == "http" and visit.method in SAFE_METHODS
        if visit.fetch_site not in {None, "same-origin", "none"}:
            return not (reads and visit.fetch_mode == "navigate")
        if reads:
            return False
        return any(not same_origin(origin, visit.hosts[0]) for origin in visit.origins)
