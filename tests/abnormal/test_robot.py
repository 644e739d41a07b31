"""A group robot is told of what imports brought, once, without anything of a buyer; nobody else is called."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from shopdata.abnormal.reading import flags
from shopdata.errors import BadUsage, NotAllowed, NotSent
from shopdata.report.notifying import FIRST_PAUSE, LONGEST_PAUSE, Notifier
from shopdata.report.robot import Robot, message, robot_of, send, set_robot
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.abnormal_tables import abnormal_due
from shopdata.store.tables import audit, shops
from shopdata.words import words
from tests.abnormal.conftest import Bring
from tests.abnormal.test_history import orders_file, waits
from tests.group_robot import Group, serve
from tests.imports.shop_files import order_id

ZH = words("zh")
OWNER = Scope(user="anna", role="owner")
PHONE = "13712345678"
LATE = waits("2026-10-28 10:00:00", "2026-10-30 10:00:00") | {"收件人手机号": PHONE, "收件人": "钱多多"}
SOON = waits("2026-11-01 20:00:00", "2026-11-02 20:00:00")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_an_import_brought_is_sent_once_and_says_nothing_of_buyers(
    store: Store, bring: Bring, group: Group, tmp_path: Path
) -> None:
    set_robot(store, OWNER, group.url, "zh")
    notifier = Notifier(store)
    notifier.tick()
    assert group.sent == []
    bring(orders_file(tmp_path, "a.csv", (1, LATE), (2, LATE), (3, SOON)))
    notifier.tick()
    notifier.tick()
    (text,) = group.texts
    found = flags(store, Scope())
    high = sum(flag.severity == "high" for flag in found)
    assert {flag.rule for flag in found} == {"ship_overdue", "ship_due_soon"}
    assert f"带来 {len(found)} 条异常，其中紧急 {high} 条，涉及 300.00 元" in text
    assert "超时未发货：2 条" in text
    assert "2026-11-02 20:00" in text
    assert not [secret for secret in (PHONE, "钱多多", order_id(1), "店") if secret in text]


def test_only_what_comes_after_the_robot_was_named_is_told(
    store: Store, bring: Bring, group: Group, tmp_path: Path
) -> None:
    bring(orders_file(tmp_path, "a.csv", (1, LATE)))
    set_robot(store, OWNER, group.url, "zh")
    notifier = Notifier(store)
    notifier.tick()
    assert group.sent == []
    bring(orders_file(tmp_path, "b.csv", (2, LATE), (3, LATE)))
    notifier.tick()
    assert [text.splitlines()[0] for text in group.texts] == [
        ZH("report.found", n="2", high="2", amount="200.00")
    ]


def test_an_import_without_findings_sends_nothing(
    store: Store, bring: Bring, group: Group, tmp_path: Path
) -> None:
    set_robot(store, OWNER, group.url, "zh")
    bring(orders_file(tmp_path, "a.csv", (1, {})))
    Notifier(store).tick()
    assert flags(store, Scope()) == ()
    assert group.sent == []


def test_sample_shops_are_no_news(store: Store, bring: Bring, group: Group, tmp_path: Path) -> None:
    set_robot(store, OWNER, group.url, "zh")
    bring(orders_file(tmp_path, "a.csv", (1, LATE)))
    with store.write() as connection:
        connection.execute(update(shops).values(is_sample=True))
    Notifier(store).tick()
    assert group.sent == []


def test_nothing_is_told_while_something_waits_to_be_judged(
    store: Store, bring: Bring, group: Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_robot(store, OWNER, group.url, "zh")
    bring(orders_file(tmp_path, "a.csv", (1, LATE)))
    flags(store, Scope())
    with store.write(figures=False) as connection:
        connection.execute(insert(abnormal_due).values(shop_id=1, order_id=order_id(1)))
    notifier = Notifier(store)
    with monkeypatch.context() as busy:
        busy.setattr("shopdata.abnormal.summary.judge_if_free", lambda _: None)
        notifier.tick()
    assert group.sent == []
    notifier.tick()
    assert len(group.sent) == 1


def test_a_robot_that_cannot_be_reached_is_tried_again_after_a_while(
    store: Store, bring: Bring, group: Group, tmp_path: Path
) -> None:
    set_robot(store, OWNER, group.url, "zh")
    clock = Clock()
    notifier = Notifier(store, clock)
    bring(orders_file(tmp_path, "a.csv", (1, LATE)))
    group.status = 500
    notifier.tick()
    notifier.tick()
    assert len(group.sent) == 1
    assert notifier.trouble is not None
    assert notifier.trouble.code == "robot_refused"
    group.status, clock.now = 200, FIRST_PAUSE
    notifier.tick()
    assert len(group.sent) == 2
    assert group.texts[0] == group.texts[1]
    assert notifier.trouble is None


def test_pauses_grow_to_half_an_hour(store: Store, bring: Bring, group: Group, tmp_path: Path) -> None:
    set_robot(store, OWNER, group.url, "zh")
    clock = Clock()
    notifier = Notifier(store, clock)
    bring(orders_file(tmp_path, "a.csv", (1, LATE)))
    group.status = 500
    times = []
    while clock.now < 8 * LONGEST_PAUSE:
        before = len(group.sent)
        notifier.tick()
        if len(group.sent) > before:
            times.append(clock.now)
        clock.now += FIRST_PAUSE
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert gaps[:5] == [60, 120, 240, 480, 960]
    assert set(gaps[5:]) == {LONGEST_PAUSE}


def test_nobody_listens() -> None:
    group = Group()
    server = serve(group)
    server.shutdown()
    server.server_close()
    with pytest.raises(NotSent) as fault:
        send(Robot(group.url, "zh"), "x")
    assert fault.value.code == "robot_unreachable"
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"errcode": 0, "errmsg": "ok"}', ""),
        ('{"errcode": 310000, "errmsg": "keywords not in content"}', "keywords not in content"),
        ('{"StatusCode": 0, "code": 0, "msg": "success"}', ""),
        ('{"code": 19024, "msg": "Key Words Not Found"}', "Key Words Not Found"),
        ('{"errcode": 93000}', "–"),
        ("thanks", ""),
        ("", ""),
        ("[1]", ""),
    ],
)
def test_a_robot_may_refuse_in_an_answer_of_success(group: Group, answer: str, said: str) -> None:
    group.answer = answer
    robot = Robot(group.url, "zh")
    if not said:
        send(robot, "x")
        return
    with pytest.raises(NotSent) as fault:
        send(robot, "x")
    assert (fault.value.code, fault.value.details["said"]) == ("robot_refused", said)


def test_an_answer_that_leads_elsewhere_is_not_followed(group: Group) -> None:
    other = Group()
    server = serve(other)
    group.status, group.elsewhere = 302, other.url
    with pytest.raises(NotSent) as fault:
        send(Robot(group.url, "zh"), "x")
    server.shutdown()
    server.server_close()
    assert fault.value.details["said"] == "HTTP 302"
    assert other.sent == []


@pytest.mark.parametrize(
    ("host", "form"),
    [
        ("qyapi.weixin.qq.com", {"msgtype": "text", "text": {"content": "x"}}),
        ("oapi.dingtalk.com", {"msgtype": "text", "text": {"content": "x"}}),
        ("open.feishu.cn", {"msg_type": "text", "content": {"text": "x"}}),
        ("open.larksuite.com", {"msg_type": "text", "content": {"text": "x"}}),
        ("robot.example", {"msgtype": "text", "text": {"content": "x"}}),
    ],
)
def test_each_platform_is_sent_its_own_form(host: str, form: object) -> None:
    assert message(Robot(f"https://{host}/send", "zh"), "x") == form


@pytest.mark.parametrize(
    "url",
    [
        "qyapi.weixin.qq.com", "file:///etc/passwd", "ftp://a.example/", "https://",
        "https://u:p@a.example/", "https://a.example:99999/", "https://a b.example/", "https://群.example/",
        "https://a.example/" + "x" * 500,
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_no_robot(store: Store, url: str) -> None:
    with pytest.raises(BadUsage) as fault:
        set_robot(store, OWNER, url, "zh")
    assert fault.value.code == "robot_invalid"
    assert robot_of(store) is None


def test_only_the_owner_names_a_robot_and_the_log_keeps_no_secret(store: Store, group: Group) -> None:
    with pytest.raises(NotAllowed):
        set_robot(store, Scope(user="ben", role="analyst"), group.url, "zh")
    set_robot(store, OWNER, f" {group.url} ", "en")
    assert robot_of(store) == Robot(group.url, "en")
    set_robot(store, OWNER, "", "en")
    assert robot_of(store) is None
    with store.read() as connection:
        written = connection.execute(select(audit.c.action, audit.c.detail)).all()
    assert [row.action for row in written] == ["robot", "robot"]
    assert "secret" not in str(written)
    assert "127.0.0.1" in written[0].detail
