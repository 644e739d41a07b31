"""``abnormal`` as a document: flags with their sentences, and the rules that lack a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from shopdata.abnormal.definition import Unit
from shopdata.abnormal.grounds import lacking
from shopdata.abnormal.incidents import incidents
from shopdata.abnormal.judging import Judges
from shopdata.abnormal.limits import limits_of
from shopdata.abnormal.precision import records
from shopdata.abnormal.reading import Choice, Flag, counts, flags
from shopdata.abnormal.rules import RULES
from shopdata.abnormal.summary import below_budget
from shopdata.abnormal.suspending import suspended
from shopdata.abnormal.telling import tells_money, told
from shopdata.metrics.context import frame_of
from shopdata.metrics.frame import Frame
from shopdata.scope import Scope
from shopdata.units import yuan
from shopdata.words import Words

Json = dict[str, object]
WITHOUT_MONEY = ("shipping",)


def amount_in_words(value: float | None, unit: Unit, words: Words) -> str:
    """A measure or limit as people read it."""
    if value is None:
        return "–"
    if unit == "fen":
        return words("abnormal.units.fen", n=f"{yuan(round(value)):,}")
    if unit == "ratio":
        return words("abnormal.units.ratio", n=f"{value * 100:,.1f}".removesuffix(".0"))
    return words(f"abnormal.units.{unit}", n=f"{value:,.1f}".removesuffix(".0"))


def why(flag: Flag, words: Words) -> str:
    """Why a rule fired, with the values that made it fire."""
    rule = RULES[flag.rule]
    if claim := json.loads(flag.evidence or "{}").get("claim"):
        return words(f"abnormal.{rule.key}.why_marked", claim=words(f"abnormal.disputes.{claim}"))
    over = rule.counts_down and flag.measure is not None and flag.measure < 0
    measure = abs(flag.measure) if flag.measure is not None else None
    key = f"abnormal.{rule.key}.{'why_over' if over else 'why'}"
    limit_unit = rule.limits[0].unit if rule.limits else rule.unit
    values = {
        "measure": amount_in_words(measure, rule.unit, words),
        "limit": amount_in_words(flag.limit, limit_unit, words),
    }
    return words(key, **{**told(flag.evidence, words), **values})


def document(
    store: Judges, scope: Scope, words: Words, rules: Sequence[str] = (), *, with_past: bool = False
) -> Json:
    """The document of the command line and the API."""
    found = flags(store, scope, Choice(tuple(rules), with_past=with_past))
    frame = frame_of(store, scope)
    return {
        "as_of": _plain(frame.data_up_to),
        "data_up_to": _plain(frame.data_up_to),
        "now": _plain(store.settings.now().replace(microsecond=0)),
        "currency": frame.currency,
        "counts": dict(counts(found)),
        "below_budget": below_budget(store, scope, Choice(tuple(rules))),
        "flags": list(_entries(found, frame, words, with_money=scope.role not in WITHOUT_MONEY)),
        "missing": missing(frame, rules),
        "limits": list(_limits(store, frame)),
        "rules": list(_records(store, scope, rules)),
        "incidents": list(_incidents(store, scope, frame)),
        "suspensions": list(_suspensions(store, scope, frame)),
    }


def _limits(store: Judges, frame: Frame) -> Iterable[Json]:
    """Limits that hold today and that a shop has set."""
    today = store.settings.now().date()
    with store.read() as connection:
        held = [(shop, limits_of(connection, shop.id, today)) for shop in frame.shops]
    for shop, limits in held:
        for (rule, name), value in limits.items():
            yield {"shop": shop.name, "rule": rule, "name": name, "value": value}


def _records(store: Judges, scope: Scope, rules: Sequence[str]) -> Iterable[Json]:
    """How often each rule fired in 30 days, and what people said of its hits."""
    for key, one in records(store, scope).items():
        if not rules or key in rules:
            yield {
                "rule": key,
                "hits_30_days": one.hits,
                "confirmed": one.confirmed,
                "false_alarms": one.false_alarms,
                "share_confirmed": one.share,
            }


def _incidents(store: Judges, scope: Scope, frame: Frame) -> Iterable[Json]:
    """Many open hits with one cause; each of them is in ``flags`` as well."""
    shops = {shop.id: shop.name for shop in frame.shops}
    for one in incidents(store, scope):
        cause = one.cause
        yield {
            "shop": shops[cause.shop_id],
            "rule": cause.rule,
            "province": cause.province,
            "courier": cause.courier,
            "orders": one.orders,
            "amount": None if scope.role in WITHOUT_MONEY else one.amount,
            "deadline": _plain(one.deadline),
            "since": _plain(one.since),
            "share": one.share,
            "usual_share": one.usual,
            "share_of_lane": one.struck,
        }


def _suspensions(store: Judges, scope: Scope, frame: Frame) -> Iterable[Json]:
    """What is suspended now or later, and how many hits each keeps from being open."""
    shops = {shop.id: shop.name for shop in frame.shops}
    for one, n in suspended(store, scope).items():
        yield {
            "id": one.id,
            "shop": shops[one.shop_id],
            "rules": list(one.rules),
            "province": one.province,
            "courier": one.courier,
            "from": one.from_day.isoformat(),
            "to": one.to_day.isoformat(),
            "reason": one.reason,
            "user": one.user,
            "hits": n,
        }


def missing(frame: Frame, rules: Iterable[str] = ()) -> dict[str, str]:
    """Rules that cannot fire in some of the shops, and the file each waits for."""
    waits: dict[str, str] = {}
    for shop in frame.shops:
        waits |= lacking(shop)
    wanted = tuple(rules)
    return {key: waits[key] for key in RULES if key in waits and (not wanted or key in wanted)}


def _entries(found: Sequence[Flag], frame: Frame, words: Words, *, with_money: bool) -> Iterable[Json]:
    shops = {shop.id: shop.name for shop in frame.shops}
    for flag in found:
        entry = _entry(flag, words)
        entry["shop"] = shops[flag.shop_id]
        if not with_money:
            entry["amount"] = None
            if RULES[flag.rule].unit == "fen" or tells_money(flag.evidence):
                entry |= {"measure": None, "limit": None, "why": entry["name"]}
            entry["evidence"] = None
        yield entry


def _entry(flag: Flag, words: Words) -> Json:
    rule = RULES[flag.rule]
    evidence: Mapping[str, object] = json.loads(flag.evidence) if flag.evidence else {}
    return {
        "rule": flag.rule,
        "name": words(f"abnormal.{flag.rule}.name"),
        "order_id": flag.order_id,
        "line_id": flag.line_id,
        "subject": {"kind": rule.subject, "id": flag.subject},
        "severity": flag.severity,
        "measure": flag.measure,
        "limit": flag.limit,
        "unit": rule.unit,
        "since": _plain(flag.since),
        "deadline": _plain(flag.deadline),
        "why": why(flag, words),
        "todo": words(f"abnormal.{flag.rule}.todo"),
        "case": None if flag.case is None else asdict(flag.case),
        "open": flag.open,
        "below_budget": flag.below_budget,
        "suspended_until": flag.suspended_until.isoformat() if flag.suspended_until else None,
        "amount": flag.amount,
        "as_of": _plain(flag.as_of),
        "found_at": _plain(flag.found_at),
        "evidence": {name: value for name, value in evidence.items() if value is not None},
    }


def _plain(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
