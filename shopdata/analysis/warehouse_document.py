"""The document of ``warehouse --json``: destinations, what a warehouse there would save, the best plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from shopdata.analysis.lane_orders import STATES, WITHIN, Warehouse
from shopdata.analysis.resampling import Interval
from shopdata.analysis.warehouse import BreakEven, Plan, Warehouses, WhatIf
from shopdata.metrics.intervals import wilson
from shopdata.metrics.labels import place_of
from shopdata.platforms.places import places
from shopdata.words import Words

FEN = 100
LEFT_OUT = (*STATES[:-1], "no_city", "no_origin")


def city_name(code: str, words: Words) -> str:
    """A city by its name, a missing one by the word for unknown."""
    return place_of("city", code if code in places().cities else "unknown", words)


def city_names(codes: Iterable[str], words: Words) -> str:
    """Several cities in a row."""
    return words("analysis.warehouse.separator").join(city_name(code, words) for code in codes)


def document(found: Warehouses, plans: tuple[Plan, ...], words: Words) -> dict[str, Any]:
    """``rows``: one a destination city, most orders first. Hours and kilometres are means an order."""
    lanes, estimate = found.lanes, found.estimate
    what_if = {row.city: row for row in estimate.what_if} if estimate else {}
    return {
        **found.scope.as_json(),
        "data_up_to": lanes.data_up_to and lanes.data_up_to.isoformat(),
        "currency": lanes.currency,
        "estimated": True,
        "refused": found.refused,
        "rows": [_row(city, n, lanes.shipped, what_if.get(city), words) for city, n in lanes.by_city.items()],
        "total": {"orders": lanes.shipped, "orders_used": found.used, "hours": found.hours},
        "unknown_city": lanes.unknown_city,
        "left_out": {key: lanes.left_out[key] for key in LEFT_OUT if key in lanes.left_out},
        "origins": [_origin(one) for one in lanes.warehouses],
        "fit": _fit(found),
        "plans": [_plan(plan, words) for plan in plans],
        "notes": list(notes(found, plans, words)),
    }


def _row(city: str, n: int, shipped: int, row: WhatIf | None, words: Words) -> dict[str, Any]:
    low, high = wilson(n, shipped) or (None, None)
    return {
        "key": city,
        "label": city_name(city, words),
        "orders": n,
        "share": n / shipped,
        "share_low": low,
        "share_high": high,
        "kilometres": row and row.kilometres,
        **_interval("saved_hours", row.only if row else None),
        **_interval("saved_hours_beside", row.beside if row else None),
    }


def _interval(name: str, found: Interval | None) -> dict[str, float | None]:
    return {
        name: found.value if found else None,
        f"{name}_low": found.low if found else None,
        f"{name}_high": found.high if found else None,
    }


def _origin(one: Warehouse) -> dict[str, Any]:
    return {
        "shop": one.shop,
        "warehouse": one.name or None,
        "city": one.origin.city,
        "told_by": one.origin.told,
        "orders": one.orders,
    }


def _fit(found: Warehouses) -> dict[str, Any] | None:
    if found.estimate is None:
        return None
    times, scored = found.estimate.times, found.estimate.score
    return {
        "start_hours": times.start,
        "hours_per_100_km": times.slope,
        "orders": times.orders,
        "score_later": scored and scored.value,
        "lane_error_hours": scored and scored.error,
        "lanes_compared": scored.lanes if scored else 0,
    }


def _plan(plan: Plan, words: Words) -> dict[str, Any]:
    return {
        "sites": list(plan.sites),
        "label": city_names(plan.sites, words),
        "beside_today": plan.keep,
        "clear": plan.clear,
        **_interval("saved_hours", plan.saved),
        "saved_hours_later": plan.later,
        "sites_later": list(plan.later_sites),
        "shares": list(plan.shares),
        "share_shorter_than_any": plan.nearer,
        "n": plan.before.n,
        "p90_today": plan.before.p90,
        "p90": plan.after.p90,
        "median_today": plan.before.median,
        "median": plan.after.median,
        **{
            f"within_{limit}h{name}": spread.within[at] / spread.n if spread.n else None
            for at, limit in enumerate(WITHIN)
            for name, spread in (("_today", plan.before), ("", plan.after))
        },
    }


def break_even_document(found: BreakEven) -> dict[str, float | None]:
    """Amounts in fen; ``orders_per_month`` is ``None`` where nobody said what an order saves."""
    return {
        "orders_per_month_now": found.per_month,
        "needed_per_order": found.per_order,
        "needed_per_hour": found.per_hour,
        "orders_per_month": found.orders,
    }


def break_even_sentence(found: BreakEven, words: Words) -> str:
    """What a monthly cost asks of each order, or from how many orders a month it pays."""
    said = []
    if found.per_order is not None:
        amounts = {"per_order": f"{found.per_order / FEN:,.2f}", "per_month": f"{found.per_month:,.0f}"}
        if found.per_hour is None:
            said.append(words("analysis.warehouse.break_even_plain", **amounts))
        else:
            hour = f"{found.per_hour / FEN:,.2f}"
            said.append(words("analysis.warehouse.break_even", **amounts, per_hour=hour))
    if found.orders is not None:
        said.append(words("analysis.warehouse.break_even_orders", orders=f"{ceil(found.orders):,}"))
    return " ".join(said)


def notes(found: Warehouses, plans: tuple[Plan, ...], words: Words) -> Iterable[str]:
    """What a reader must know beside the figures, as sentences."""
    if found.refused:
        yield refusal(found, words)
    if found.estimate is None:
        return
    yield words("analysis.warehouse.estimated")
    yield from (plan_sentence(plan, words) for plan in plans)
    yield score_sentence(found, words)
    if left := left_out_sentence(found, words):
        yield left


def refusal(found: Warehouses, words: Words) -> str:
    """Why there is no advice, and what to do."""
    return words(f"analysis.warehouse.refused.{found.refused}", n=f"{found.used:,}")


def plan_sentence(plan: Plan, words: Words) -> str:
    """What a plan saves, or that it changes nothing for certain."""
    where = "beside" if plan.keep else "only"
    cities = city_names(plan.sites, words)
    if not plan.clear:
        return words(f"analysis.warehouse.unclear_{where}", cities=cities)
    return words(
        f"analysis.warehouse.saves_{where}",
        cities=cities,
        hours=f"{plan.saved.value:.1f}",
        low=f"{plan.saved.low:.1f}",
        high=f"{plan.saved.high:.1f}",
    )


def score_sentence(found: Warehouses, words: Words) -> str:
    """How well the first two thirds of the period foretell the last."""
    scored = found.estimate.score if found.estimate else None
    if scored is None:
        return words("analysis.warehouse.no_score")
    value = f"{scored.value:.0%}".replace("-0%", "0%")
    if scored.error is None:
        return words("analysis.warehouse.score", value=value, n=f"{scored.orders:,}")
    error, lanes = f"{scored.error:.1f}", f"{scored.lanes:,}"
    return words(
        "analysis.warehouse.score_error", value=value, n=f"{scored.orders:,}", error=error, lanes=lanes
    )


def left_out_sentence(found: Warehouses, words: Words) -> str:
    """How many shipped orders tell no lane time, by reason; empty where all do."""
    left: Mapping[str, int] = found.lanes.left_out
    parts = [
        words(f"analysis.warehouse.left_out.{key}", n=f"{left[key]:,}") for key in LEFT_OUT if left.get(key)
    ]
    if not parts:
        return ""
    n, used = sum(left.values()), f"{found.used:,}"
    return words(
        "analysis.warehouse.left_out.all",
        used=used,
        n=f"{n:,}",
        parts=words("analysis.warehouse.separator").join(parts),
    )
