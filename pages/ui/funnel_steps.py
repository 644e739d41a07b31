"""The funnel as a panel: bars of who came how far, with what was lost and what may still come."""

from __future__ import annotations

from pages.ui import figures, numbers
from pages.ui.about import About
from pages.ui.panel import panel
from pages.ui.session import Page
from pages.ui.tables import Column, Grid
from shopdata.analysis.funnel import Funnel, FunnelStep, funnel

COLUMNS = (
    ("label", "text"),
    ("n", "orders"),
    ("of_first", "ratio"),
    ("of_previous", "ratio"),
    ("lost", "orders"),
    ("pending", "orders"),
    ("unclear", "orders"),
    ("median_hours", "hours"),
)


def read(page: Page) -> Funnel:
    """The funnel of the orders placed in the period."""
    return funnel(page.store, page.scope("placed"))


def panel_of(page: Page, *, brief: bool = False) -> None:
    """The panel; ``brief`` for the overview."""
    words, found = page.words, read(page)
    if not found.steps or not found.steps[0].n:
        return
    labels = {step.key: words(f"analysis.steps.{step.key}") for step in found.steps}
    texts = [
        f"{numbers.count(step.n, words)} · {numbers.ratio(step.of_first, words)}" for step in found.steps
    ]
    figure = figures.steps(
        [labels[step.key] for step in found.steps],
        [step.n for step in found.steps],
        [step.pending for step in found.steps],
        [step.lost for step in found.steps],
        (words("pages.funnel.done"), words("pages.funnel.pending"), words("pages.funnel.lost")),
        texts,
    )
    columns = Column.each(words, "pages.funnel.column", dict(COLUMNS))
    rows = [
        {key: getattr(step, key, None) for key, _ in COLUMNS} | {"label": labels[step.key]}
        for step in found.steps
    ]
    key = "funnel_brief" if brief else "funnel"
    about = About(("orders_placed", "pay_rate"), "placed", note=note(page, found))
    panel(page, key, finding(page, found), caption(page, found), figure, Grid.of(columns, rows), about)


def worst(found: Funnel) -> FunnelStep | None:
    """The step at which most orders were lost."""
    return max(found.steps[1:], key=lambda step: step.lost, default=None)


def finding(page: Page, found: Funnel) -> str:
    """The sentence over the funnel."""
    words, step = page.words, worst(found)
    if step is None or not step.lost:
        return words("pages.overview.funnel_title_flat")
    return words("pages.overview.funnel_title", step=words(f"analysis.steps.{step.key}"))


def caption(page: Page, found: Funnel) -> str:
    """Which orders, and what the tones mean."""
    words = page.words
    start, end = page.filters.period(page.last_day)
    days = words("ui.filters.from_to", start=start, end=end) if start else words("ui.filters.all")
    return words("pages.overview.funnel_caption", period=days)


def note(page: Page, found: Funnel) -> str:
    """What stands beside the chain: coverage of waybills, contradictions."""
    words, said = page.words, []
    if found.missing:
        said.append(words("ui.upload_first", file=words(f"ui.kinds.{found.missing}")))
    if found.signed is not None:
        coverage = numbers.ratio(found.coverage, words)
        said.append(words("pages.funnel.beside", coverage=coverage, n=numbers.count(found.signed.n, words)))
    if found.unclear:
        said.append(words("pages.funnel.unclear", n=numbers.count(found.unclear, words)))
    return " ".join(said)
