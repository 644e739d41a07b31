"""Bad files as a form of an HTTP request, and what the import document says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from shopdata.web.sink import clean_name
from tests.serving import Server
from tests.torture.declaration import Case, Verdict

BOUNDARY = "----a-boundary"


def shown(case: Case) -> dict[str, Verdict]:
    """The entries of a case under the names the server may give them: no controls, no way out of a folder."""
    return {clean_name(case.file) + name[len(case.file) :]: one for name, one in case.expected.items()}


def send_form(server: Server, cases: Sequence[Case], language: str = "zh") -> list[Any]:
    """All files in one form, as browsers write their names."""
    parts = []
    for case in cases:
        name = case.file.replace('"', "%22").replace("\n", "%0A")
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + case.bytes + b"\r\n")
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    head = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Accept-Language": language}
    answer = server.request("POST", "/api/v1/import", head, body)
    assert answer.status == 200, answer.body
    files: list[Any] = answer.json()["files"]
    return files


def send_one(server: Server, case: Case) -> list[Any]:
    """One file as the body of a request, its name in a header."""
    head = {"X-File-Name": quote(case.file), "Accept-Language": "en"}
    answer = server.request("POST", "/api/v1/import?wait=1", head, case.bytes)
    assert answer.status == 200, answer.body
    files: list[Any] = answer.json()["files"]
    return files
