"""The guard: the one ASGI middleware through which every HTTP request and WebSocket passes.

It asks the door, hands on who it is (and nothing a client says about that), and puts the security headers on
every answer. Nothing behind it checks sign-in again.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shopdata.web import answers, identity
from shopdata.web.door import PROXY_HEADERS, Door, Refusal, Visit

SECURITY_HEADERS = (
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
NEVER_STORED = (b"text/html", b"application/json", b"application/problem+json")


def visit_of(scope: Scope) -> Visit:
    """What the door needs to know of an ASGI scope."""
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    by_proxy = any(name in PROXY_HEADERS or name.startswith("x-forwarded") for name in found)
    client = scope.get("client")
    return Visit(
        kind=scope["type"],
        path=scope["path"],
        method=scope.get("method", "GET"),
        peer=client[0] if client else None,
        hosts=tuple(found.get("host", ())),
        # browsers and curl speak HTTP/1.1 or later; plain proxies speak 1.0 to what lies behind them
        proxied=by_proxy or scope.get("http_version") == "1.0",
        origins=tuple(found.get("origin", ())),
        fetch_site=next(iter(found.get("sec-fetch-site", ())), None),
        fetch_mode=next(iter(found.get("sec-fetch-mode", ())), None),
    )


class Guard:
    """ASGI middleware around the whole application.

    ``door`` decides. Answers to those who stay outside are made here and reach nothing behind the guard.
    """

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it at the door. The lifespan passes untouched."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        verdict = self.door.judge(visit_of(scope))
        if isinstance(verdict, Refusal):
            await self._turn_away(verdict, scope, receive, self._with_headers(send))
            return
        headers = [*identity.without_identity(scope["headers"]), *verdict.headers()]
        await self.app(dict(scope, headers=headers), receive, self._with_headers(send))

    async def _turn_away(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return
        if (
            refusal.code == "bound_outside"
            and scope["method"] == "GET"
            and self.door.setup.spend(scope["path"])
        ):
            await answers.setup_page(scope)(scope, receive, send)
            return
        await answers.refusal(refusal, scope)(scope, receive, send)

    def _with_headers(self, send: Send) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                message = dict(message, headers=self._headers(message.get("headers", ())))
            await send(message)

        return send_with_headers

    def _headers(self, own: identity.Headers) -> list[tuple[bytes, bytes]]:
        headers = list(own)
        content_type = next((value for name, value in headers if name.lower() == b"content-type"), b"")
        if content_type.startswith(NEVER_STORED):
            headers = [(name, value) for name, value in headers if name.lower() != b"cache-control"]
            headers.append((b"cache-control", b"no-store"))
        present = {name.lower() for name, _ in headers}
        added = (*SECURITY_HEADERS, (b"content-security-policy", self.door.policy.encode()))
        return headers + [(name, value) for name, value in added if name not in present]
