"""Working cases: taking them, writing down what was done, answering their hits. Every change is audited.

``waiting`` is what was done in the platform's back end and waits for a newer export to confirm it: such a
case leaves the queue and returns only where a newer export still shows the hit. ``false_alarm`` never
returns; both answers feed the share of real hits a rule shows (``precision``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from shopdata.abnormal.aside import PUT_ASIDE, of_case
from shopdata.abnormal.case_log import note
from shopdata.abnormal.cases import OPEN, STATES, check_subject, is_about
from shopdata.abnormal.judging import judge_if_free
from shopdata.abnormal.reading import CaseKey
from shopdata.errors import BadUsage, NotAllowed, NotFound
from shopdata.imports.audit import record_action
from shopdata.imports.scoping import shops_in
from shopdata.orders.privacy import ROW_RIGHTS
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.abnormal_tables import abnormal_hits
from shopdata.store.case_tables import abnormal_answers, case_events, cases

LONGEST_TEXT, LONGEST_NAME, MOST_AT_ONCE = 2_000, 40, 5_000


def may_work(role: str) -> bool:
    """Whether a role may work cases: those that may mark orders."""
    rights = ROW_RIGHTS.get(role)
    return rights is not None and rights.marks


def comment(store: Store, scope: Scope, key: CaseKey, text: str) -> int:
    """Write something into the case; returns its id. Raises ``BadUsage`` for no words or too many."""
    said = text.strip()
    if not said or len(said) > LONGEST_TEXT:
        raise BadUsage("case_text_length", limit=LONGEST_TEXT)
    return _work(store, scope, [key], "comment", text=said)[0]


def assign(
    store: Store, scope: Scope, keys: Sequence[CaseKey], assignee: str, *, seen: int | None = None
) -> int:
    """Give the cases to somebody, to nobody with an empty name; returns how many. A case that is given to
    somebody is in work."""
    name = assignee.strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise BadUsage("case_assignee", limit=LONGEST_NAME)
    change: dict[str, Any] = {"assignee": name or None}
    if name:
        change["state"] = "in_work"
    return len(_work(store, scope, keys, "assigned", change, seen=seen, assignee=name))


def answer(
    store: Store,
    scope: Scope,
    keys: Sequence[CaseKey],
    state: str,
    *,
    text: str = "",
    seen: int | None = None,
) -> int:
    """Bring the cases into a state and answer their standing hits with it; returns how many.

    ``seen``: the newest event the asker has seen of a single case; raises ``BadUsage`` ``case_changed`` where
    somebody else has done something since.
    """
    if state not in STATES:
        raise BadUsage("value_unknown", name="state", value=state, choices=", ".join(STATES))
    if len(text) > LONGEST_TEXT:
        raise BadUsage("case_text_length", limit=LONGEST_TEXT)
    ids = _work(
        store, scope, keys, "state", {"state": state}, text=text.strip() or None, seen=seen, state=state
    )
    return len(ids)


def _work(
    store: Store,
    scope: Scope,
    keys: Sequence[CaseKey],
    action: str,
    change: Mapping[str, Any] | None = None,
    *,
    text: str | None = None,
    seen: int | None = None,
    **detail: object,
) -> tuple[int, ...]:
    judge_if_free(store)
    with store.write(figures=False) as connection:
        now = store.settings.now()
        ids = open_cases(connection, scope, keys, now, seen=seen)
        if change:
            connection.execute(update(cases).where(cases.c.id.in_(ids)).values(changed_at=now, **change))
        if change and "state" in change:
            _answer_hits(connection, ids, change["state"], scope.user, now)
        note(connection, ids, now, scope.user, action, text=text, detail=detail)
        told = {"keys": [[key.shop_id, key.kind, key.subject] for key in keys], **detail}
        record_action(connection, now, scope.user, f"case_{action}", role=scope.role, **told)
    return ids


def open_cases(
    connection: Connection, scope: Scope, keys: Sequence[CaseKey], now: datetime, *, seen: int | None = None
) -> tuple[int, ...]:
    """Ids of the cases, made where there is none yet.

    Raises ``NotAllowed`` for a role that may not work cases, ``NotFound`` for a subject outside the scope,
    ``BadUsage`` for none or too many, and where ``seen`` is not the newest event of the first.
    """
    if not may_work(scope.role):
        raise NotAllowed(role=scope.role)
    wanted = list(dict.fromkeys(keys))
    if not wanted or len(wanted) > MOST_AT_ONCE:
        raise BadUsage("case_count", limit=MOST_AT_ONCE)
    known = _known(connection, wanted)
    if outside := {key.shop_id for key in wanted} - set(shops_in(connection, scope)):
        raise NotFound("not_found", what=min(outside))
    fresh = [key for key in wanted if key not in known]
    for key in fresh if len(wanted) == 1 else ():
        check_subject(connection, scope, key)
    if seen is not None:
        _check_seen(connection, known.get(wanted[0]), seen)
    if fresh:
        first = 1 + (connection.scalar(select(func.coalesce(func.max(cases.c.id), 0))) or 0)
        same = {"state": OPEN, "opened_at": now, "opened_by": scope.user, "changed_at": now}
        rows = [
            {"id": first + place, "shop_id": key.shop_id, "kind": key.kind, "subject": key.subject, **same}
            for place, key in enumerate(fresh)
        ]
        connection.execute(insert(cases).values(rows))
        known |= {key: first + place for place, key in enumerate(fresh)}
    return tuple(known[key] for key in wanted)


def _known(connection: Connection, wanted: Sequence[CaseKey]) -> dict[CaseKey, int]:
    c = cases.c
    if len(wanted) == 1:
        query = select(cases).where(is_about(wanted[0]))
    else:
        query = select(cases).where(
            c.shop_id.in_({key.shop_id for key in wanted}), c.subject.in_({key.subject for key in wanted})
        )
    rows = connection.execute(query)
    return {CaseKey(row.shop_id, row.kind, row.subject): row.id for row in rows}


def _check_seen(connection: Connection, case_id: int | None, seen: int) -> None:
    e = case_events.c
    newer = (
        connection.execute(
            select(e.user, e.at).where(e.case_id == case_id, e.id > seen).order_by(e.id.desc()).limit(1)
        ).first()
        if case_id is not None
        else None
    )
    if newer is not None:
        raise BadUsage("case_changed", user=newer.user or "–", at=f"{newer.at:%m-%d %H:%M:%S}")


def _answer_hits(connection: Connection, ids: Sequence[int], state: str, user: str, now: datetime) -> None:
    """The standing hits of the cases carry the answer from now on; none where they are open again."""
    a, h = abnormal_answers.c, abnormal_hits.c
    connection.execute(delete(abnormal_answers).where(a.case_id.in_(ids)))
    if state not in PUT_ASIDE:
        return
    standing = (
        select(
            h.shop_id,
            h.rule,
            h.subject,
            cases.c.id,
            literal(state),
            h.as_of,
            literal(user),
            literal(now),
        )
        .select_from(abnormal_hits.join(cases, of_case()))
        .where(cases.c.id.in_(ids), h.gone_at.is_(None))
    )
    connection.execute(insert(abnormal_answers).from_select([column.name for column in a], standing))
