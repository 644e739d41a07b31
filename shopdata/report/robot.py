"""The group robot news is sent to: 企业微信, 钉钉, 飞书, or a receiver of one's own that takes JSON.

Only its owner names it. Nothing else is ever called: answers that lead elsewhere are not followed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sqlalchemy import delete, insert, select

from shopdata.abnormal.judging import judge_if_free
from shopdata.abnormal.summary import newest_import
from shopdata.errors import BadUsage, NotAllowed, NotSent
from shopdata.imports.audit import record_action
from shopdata.imports.preferences import may_change
from shopdata.imports.scoping import all_shops
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import settings

ROBOT, TOLD = "notify.robot", "notify.told_import"
LONGEST_URL, MOST_READ, MOST_SAID, PATIENCE = 500, 65_536, 200, 5.0
FEISHU = ("feishu.cn", "larksuite.com")
# What the platforms' answers call their error number and its words; 0 is success.
CODES, TEXTS = ("errcode", "code", "StatusCode"), ("errmsg", "msg", "StatusMessage")


@dataclass(frozen=True, slots=True)
class Robot:
    """Where it is reached, a secret (whoever knows it can write to the group), and the language of what it is
    told."""

    url: str
    language: str

    @property
    def host(self) -> str:
        """The part of the address that is no secret."""
        return urlsplit(self.url).hostname or ""


class _Stay(HTTPRedirectHandler):
    """Follows no answer elsewhere."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def robot_of(store: Store) -> Robot | None:
    """The robot, if one is named."""
    with store.read() as connection:
        value = connection.scalar(select(settings.c.value).where(settings.c.key == ROBOT))
    return Robot(**json.loads(value)) if value else None


def set_robot(store: Store, scope: Scope, url: str, language: str) -> None:
    """Name the robot; an empty address takes it away. It is told of what is imported from now on.

    Raises ``NotAllowed`` for anybody but the owner, ``BadUsage`` ``robot_invalid`` for no web address.
    """
    if not may_change(scope.role):
        raise NotAllowed(role=scope.role)
    robot = Robot(url.strip(), language)
    if robot.url:
        _check(robot)
    judge_if_free(store)  # what came before is no news
    newest = newest_import(store, own_shops(store))
    with store.write(figures=False) as connection:
        connection.execute(delete(settings).where(settings.c.key.in_((ROBOT, TOLD))))
        if robot.url:
            told = {"url": robot.url, "language": robot.language}
            rows = [
                {"key": key, "value": json.dumps(value)} for key, value in ((ROBOT, told), (TOLD, newest))
            ]
            connection.execute(insert(settings), rows)
        host, now = robot.host or None, store.settings.now()
        record_action(connection, now, scope.user, "robot", role=scope.role, host=host)


def _check(robot: Robot) -> None:
    try:
        parts = urlsplit(robot.url)
        fine = parts.scheme in ("http", "https") and robot.host and not parts.username
        fine = fine and (parts.port is None or parts.port > 0)
    except ValueError:
        fine = False
    if not fine or len(robot.url) > LONGEST_URL or not robot.url.isascii() or " " in robot.url:
        raise BadUsage("robot_invalid")


def own_shops(store: Store) -> tuple[int, ...]:
    """Shops with data of one's own."""
    with store.read() as connection:
        return tuple(shop.id for shop in all_shops(connection) if not shop.is_sample)


def send(robot: Robot, text: str) -> None:
    """Send a text. Raises ``NotSent`` (``robot_unreachable``, ``robot_refused`` with what it ``said``)."""
    body = json.dumps(message(robot, text), ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json; charset=utf-8"}
    request = Request(robot.url, body, kind)  # noqa: S310 - only web addresses become a robot's
    try:
        with build_opener(_Stay).open(request, timeout=PATIENCE) as answer:
            said = _complaint(answer.read(MOST_READ))
    except HTTPError as fault:
        said = f"HTTP {fault.code}"
    except (OSError, HTTPException, ValueError):
        raise NotSent("robot_unreachable", host=robot.host) from None
    if said:
        raise NotSent("robot_refused", host=robot.host, said=said[:MOST_SAID])


def message(robot: Robot, text: str) -> object:
    """A text in the platform's form: 企业微信 and 钉钉 take the same, 飞书 one of its own."""
    if robot.host.endswith(FEISHU):
        return {"msg_type": "text", "content": {"text": text}}
    return {"msgtype": "text", "text": {"content": text}}


def _complaint(answer: bytes) -> str:
    """What a robot says is wrong though it answered with success; empty where nothing is."""
    try:
        told = json.loads(answer)
    except ValueError:
        return ""
    if not isinstance(told, dict) or not any(told.get(name) for name in CODES):
        return ""
    return next((str(told[name]) for name in TEXTS if told.get(name)), "–")
