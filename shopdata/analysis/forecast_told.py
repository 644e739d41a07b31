"""A forecast as documents and as sentences: what it is, how good it was in the test, what it leaves out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shopdata.analysis.forecast import Effect, Forecast
from shopdata.analysis.promotion_calendar import label_of
from shopdata.words import Words


def rows(found: Forecast) -> list[dict[str, Any]]:
    """The forecast steps as rows of ``series --json``."""
    return [
        {"key": key, "value": band.value, "n": None, "partial": False, "low": band.low, "high": band.high}
        | {"up_to": None, "forecast": True, "low95": band.low95, "high95": band.high95}
        for key, band in found.steps
    ]


def document(found: Forecast, words: Words) -> dict[str, Any]:
    """The ``forecast`` object of ``series --json``: the method, its backtest, or the reason for none."""
    told, figures = found.outlook, found.outlook.accuracy
    tests = {name: {"wape": one.wape, "mase": one.mase} for name, one in told.others.items()}
    return {
        "model": told.model,
        "reason": reason_of(found),
        "wape": figures and figures.wape,
        "mase": figures and figures.mase,
        "bias": figures and figures.bias,
        "coverage": figures and {"80": figures.coverage80, "95": figures.coverage95},
        "width": figures and {"80": figures.width80, "95": figures.width95},
        "origins": figures and figures.origins,
        "n": figures and figures.n,
        "bar": tests.get("seasonal_naive"),
        "tested": tests,
        "known": told.known,
        "needed": told.needed,
        "from": found.first and found.first.isoformat(),
        "to": found.until and found.until.isoformat(),
        "total": told.total and asdict(told.total),
        "effects": [
            {"key": one.mark.event.key, "last_day": one.mark.is_last_day, "change": one.change}
            for one in found.effects
        ],
        "unseen": [
            {"key": one.key, "from": one.start.isoformat(), "to": one.end.isoformat()} for one in found.unseen
        ],
        "sentence": " ".join(sentences(found, words)),
    }


def reason_of(found: Forecast) -> str | None:
    """Why nothing is forecast: ``missing``, ``short``, ``nothing``, ``not_better``; ``None`` where it is."""
    return "missing" if found.missing else found.outlook.reason


def sentences(found: Forecast, words: Words) -> list[str]:
    """Everything that belongs beside the forecast: method and test, or the reason for none; promotions."""
    if reason_of(found):
        return [_reason(found, words)]
    return [_method(found, words), _interval(found, words), *_days(found, words)]


def _reason(found: Forecast, words: Words) -> str:
    told, reason = found.outlook, reason_of(found)
    if found.missing:
        return words("ui.upload_first", file=words.get(f"ui.kinds.{found.missing}", found.missing))
    if reason == "short":
        step = words(f"analysis.forecast.steps.{found.by}")
        return words("analysis.forecast.short", needed=told.needed, known=told.known, step=step)
    if reason == "not_better" and told.bar and told.best:
        return words(
            "analysis.forecast.not_better",
            bar=words(f"analysis.forecast.bars.{found.by}"),
            bar_wape=_percent(told.bar.wape),
            best=words(f"analysis.forecast.models.{told.best}"),
            wape=_percent(told.others[told.best].wape),
        )
    return words("analysis.forecast.nothing")


def _method(found: Forecast, words: Words) -> str:
    told, figures = found.outlook, found.outlook.accuracy
    if figures is None or told.bar is None or told.model is None:
        return ""
    return words(
        "analysis.forecast.method",
        model=words(f"analysis.forecast.models.{told.model}"),
        origins=figures.origins,
        wape=_percent(figures.wape),
        bar=words(f"analysis.forecast.bars.{found.by}"),
        bar_wape=_percent(told.bar.wape),
        mase=words("ui.none") if figures.mase is None else f"{figures.mase:.2f}",
        bias=f"{figures.bias:+.0%}",
    )


def _interval(found: Forecast, words: Words) -> str:
    figures = found.outlook.accuracy
    if figures is None:
        return ""
    return words(
        "analysis.forecast.interval",
        coverage80=_percent(figures.coverage80),
        width80=_percent(figures.width80),
        coverage95=_percent(figures.coverage95),
        width95=_percent(figures.width95),
        n=figures.n,
        until=found.until,
    )


def _days(found: Forecast, words: Words) -> list[str]:
    """Promotions ahead: those counted in by what they did before, and those nobody here has seen."""
    said = []
    if found.effects:
        listed = words("ui.list_separator").join(effect_text(one, words) for one in found.effects)
        said.append(words("analysis.forecast.effects", listed=listed))
    for one in found.unseen:
        name = label_of(one, words)
        said.append(words("analysis.forecast.unseen", name=name, start=one.start, end=one.end))
    return said


def effect_text(one: Effect, words: Words) -> str:
    """An effect in words: ``11·11, last day +120%``."""
    name = label_of(one.mark.event, words)
    key = "last_day" if one.mark.is_last_day else "other_days"
    return words(f"analysis.forecast.{key}", name=name, change=f"{one.change:+.0%}")


def _percent(share: float) -> str:
    return f"{share:.0%}"
