"""One metric over time: the line, its comparisons or its parts, and the heat map of hour and weekday."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pages.ui import about, figures, measures, numbers, trend_forecast
from pages.ui.about import About
from pages.ui.daily import mark_promotions
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Cell, Column, Grid
from pages.ui.trend_controls import Choice
from shopdata.analysis.forecast import Forecast
from shopdata.analysis.trends import HOURS, WEEKDAYS, heat_map
from shopdata.metrics.compare import base_period
from shopdata.metrics.table import MetricRow, MetricTable
from shopdata.scope import Scope

# A point counts as unfinished where more than this share of its orders is not matured yet.
PENDING_SHARE = 0.1
MOST_PARTS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chart, on the main line's places."""

    key: str
    label: str
    values: tuple[float | None, ...]


def chart(page: Page, choice: Choice) -> None:
    """The panel for what was chosen."""
    if choice.grain == "heat":
        hours_of_week(page, choice)
        return
    scope = page.scope(choice.basis)
    main = measures.table(page, scope, choice.grain, (choice.metric,))
    places = [row.key for row in main.rows]
    if choice.split == "none":
        lines = [_main(page, main, choice), *(_shifted(page, scope, choice, name) for name in choice.against)]
    else:
        lines = _parts(page, scope, choice, places)
    _draw(page, choice, main, places, lines)


def _main(page: Page, main: MetricTable, choice: Choice) -> Line:
    label = about.label_of(choice.metric, page.words)
    return Line(choice.metric, label, tuple(row.values[choice.metric] for row in main.rows))


def _shifted(page: Page, scope: Scope, choice: Choice, against: str) -> Line:
    """The same metric in an earlier period, laid over the places of this one."""
    label = page.words(f"pages.trends.against.{against}")
    earlier = base_period(scope, against)
    if earlier is None:
        return Line(against, label, ())
    found = measures.table(page, earlier, choice.grain, (choice.metric,))
    return Line(against, label, tuple(row.values[choice.metric] for row in found.rows))


def _parts(page: Page, scope: Scope, choice: Choice, places: Sequence[str]) -> list[Line]:
    by = measures.table(page, scope, choice.split, (choice.metric,))
    cells = measures.table(page, scope, f"{choice.grain},{choice.split}", (choice.metric,))
    found = {row.keys: row.values[choice.metric] for row in cells.rows}
    return [
        Line(row.key, by.label(row, page.words), tuple(found.get((place, row.key)) for place in places))
        for row in by.rows[:MOST_PARTS]
    ]


def _draw(
    page: Page, choice: Choice, main: MetricTable, places: Sequence[str], lines: Sequence[Line]
) -> None:
    words, unit = page.words, measures.unit_of(choice.metric)
    told = trend_forecast.asked(page, choice)
    places = [place for place in places if told is None or place not in dict(told.steps)]
    lines = [replace(line, values=_fit(line.values, len(places))) for line in lines]
    shown = [value for line in lines for value in line.values]
    scale = figures.scale_of([*shown, *trend_forecast.highest(told)], unit, words)
    open_places = unfinished(page, choice, main.rows)
    figure = figures.lines(
        places,
        {line.key: scale.of(line.values) for line in lines},
        {line.key: line.label for line in lines},
        partial=open_places,
        hover=".1%" if unit == "ratio" else ",.2f",
        colours=figures.SOURCE_COLOURS if choice.split == "source" else None,
        ticks=scale.ticks,
    )
    trend_forecast.draw(page, figure, told, scale)
    if choice.grain == "day":
        mark_promotions(page, figure, [*places, *(key for key, _ in told.steps)] if told else places)
    else:
        figure.update_xaxes(type="category")
    panel(
        page,
        "trend",
        finding(page, choice, main),
        caption(page, choice, scale.unit, bool(open_places)),
        figure,
        _grid(page, choice, places, lines, told),
        About((choice.metric,), choice.basis, main.total),
    )
    trend_forecast.said(page, told)


def _fit(values: Sequence[float | None], length: int) -> tuple[float | None, ...]:
    return (*values[:length], *([None] * (length - len(values))))


def _grid(
    page: Page, choice: Choice, places: Sequence[str], lines: Sequence[Line], told: Forecast | None
) -> Grid:
    """A row a place with every line's value, and the places ahead with what is forecast."""
    unit = measures.unit_of(choice.metric)
    columns = [Column("place", page.words(f"pages.trends.grains.{choice.grain}"))]
    columns += [Column(line.key, line.label, unit) for line in lines]
    rows: list[dict[str, Cell]] = [
        {"place": place} | {line.key: line.values[at] for line in lines} for at, place in enumerate(places)
    ]
    if told is not None and told.steps:
        columns += trend_forecast.columns(page, unit)
        rows += trend_forecast.rows(told)
    return Grid.of(columns, rows)


def unfinished(page: Page, choice: Choice, rows: Sequence[MetricRow]) -> frozenset[str]:
    """Places whose time is not over, or many of whose orders are not matured."""
    found = set(measures.partial_places(page, page.scope(choice.basis), choice.metric, choice.grain))
    for row in rows:
        pending, size = row.values.get(f"{choice.metric}_pending"), row.values.get(f"{choice.metric}_d")
        if pending and size and pending / size > PENDING_SHARE:
            found.add(row.key)
    return frozenset(found)


def finding(page: Page, choice: Choice, main: MetricTable) -> str:
    """Where the metric was highest, and what it came to in all."""
    words, key = page.words, choice.metric
    if missing := main.missing.get(key):
        return words("ui.upload_first", file=words.get(f"ui.kinds.{missing}", missing))
    label, unit = about.label_of(key, words), measures.unit_of(key)
    best = max(main.rows, key=lambda row: row.values[key] or 0, default=None)
    total = numbers.by_unit(main.total[key], unit, words)
    if best is None or not best.values[key] or len(main.rows) < 3:
        return words("pages.trends.finding_flat", metric=label, total=total)
    value = numbers.by_unit(best.values[key], unit, words)
    return words(
        "pages.trends.finding", metric=label, total=total, place=place_name(best.key, choice), value=value
    )


def place_name(key: str, choice: Choice) -> str:
    """A place of the time axis as people say it: days and weeks by month and day."""
    return key if choice.grain == "month" else f"{date.fromisoformat(key):%m-%d}"


def caption(page: Page, choice: Choice, unit: str, has_open: bool) -> str:
    """Measure, unit and caveat."""
    words = page.words
    parts = [words(f"ui.basis_{choice.basis}"), unit]
    parts += [words("pages.trends.open_places")] if has_open else []
    return " · ".join(parts)


def hours_of_week(page: Page, choice: Choice) -> None:
    """A metric by weekday and hour."""
    words, key = page.words, choice.metric
    scope = page.scope(choice.basis)
    whole, values = measures.table(page, scope, None, (key,)), heat_map(page.store, scope, key).per_day
    unit = measures.unit_of(key)
    scale = figures.scale_of([value for row in values for value in row], unit, words)
    labels = [weekday_name(page, day) for day in WEEKDAYS]
    figure = figures.heat(labels, HOURS, [scale.of(row) for row in values], ticks=scale.ticks)
    figure.update_xaxes(type="category")
    columns = [Column("weekday", words("pages.trends.weekday"))]
    columns += [Column(hour, hour, unit) for hour in HOURS]
    rows = [{"weekday": labels[at]} | dict(zip(HOURS, row, strict=True)) for at, row in enumerate(values)]
    panel(
        page,
        "heat",
        _heat_finding(page, key, values),
        caption(page, choice, words("pages.trends.per_day", unit=scale.unit), has_open=False),
        figure,
        Grid.of(columns, rows),
        About((key,), choice.basis, whole.total),
    )


def weekday_name(page: Page, key: str) -> str:
    """The name of a weekday, Monday being 1."""
    return page.words("ui.chart.short_weekdays").split("|")[int(key) % 7]


def _heat_finding(page: Page, key: str, values: Sequence[Sequence[float | None]]) -> str:
    words, label = page.words, about.label_of(key, page.words)
    pairs = zip(WEEKDAYS, values, strict=True)
    known = {
        (day, hour): value for day, row in pairs for hour, value in zip(HOURS, row, strict=True) if value
    }
    if not known:
        return words("pages.trends.heat_flat", metric=label)
    day, hour = max(known, key=lambda place: known[place])
    value = numbers.by_unit(known[day, hour], measures.unit_of(key), words)
    weekday = weekday_name(page, day)
    return words("pages.trends.heat_finding", metric=label, weekday=weekday, hour=int(hour), value=value)
