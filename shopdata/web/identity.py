"""Who is asking, as the guard hands it to routes and pages. The only place that knows the header names.

Accounts come later; until then everybody the guard lets in is the owner of this computer. A page trusts the
headers because the guard strips whatever a client sends under these names, and proves it with a mark that
nobody outside this process knows.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

PREFIX = "x-shopdata-"
USER_HEADER, ROLE_HEADER, MARK_HEADER = f"{PREFIX}user", f"{PREFIX}role", f"{PREFIX}mark"
ROLES = ("owner", "operator", "viewer", "after_sales", "shipping")

# ``st.user`` keys of the headers above: the value of Streamlit's ``server.trustedUserHeaders``.
TRUSTED_USER_HEADERS = {
    "X-Shopdata-User": "shopdata_user",
    "X-Shopdata-Role": "shopdata_role",
    "X-Shopdata-Mark": "shopdata_mark",
}
_MARK = secrets.token_urlsafe(32)

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Identity:
    """A user and the role they act in."""

    user: str
    role: str

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers the guard adds for what lies behind it."""
        pairs = ((USER_HEADER, quote(self.user)), (ROLE_HEADER, self.role), (MARK_HEADER, _MARK))
        return [(name.encode(), value.encode()) for name, value in pairs]


LOCAL = Identity(user="local", role="owner")


def without_identity(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Headers of a client with everything that could pass for the guard's own removed."""
    return [(name, value) for name, value in headers if not name.lower().startswith(PREFIX.encode())]


def _checked(user: object, role: object, mark: object) -> Identity | None:
    if not (isinstance(user, str) and isinstance(role, str) and isinstance(mark, str)):
        return None
    if not secrets.compare_digest(mark.encode(), _MARK.encode()) or role not in ROLES:
        return None
    return Identity(unquote(user), role)


def of_headers(headers: Mapping[str, str]) -> Identity | None:
    """Who a request comes from, by the guard's headers; ``None`` when it did not pass the guard."""
    return _checked(headers.get(USER_HEADER), headers.get(ROLE_HEADER), headers.get(MARK_HEADER))


def of_user(user: Mapping[str, object]) -> Identity | None:
    """Who a Streamlit session belongs to, by ``st.user``; ``None`` when it did not pass the guard."""
    return _checked(*(user.get(key) for key in TRUSTED_USER_HEADERS.values()))
