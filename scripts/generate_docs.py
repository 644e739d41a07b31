"""Write the lists in ``docs/`` anew from the code: what stands between ``begin NAME`` and ``end NAME``.

The words around a list are written by hand. ``tests/docs`` fails where a list differs from the code.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from scripts.environment import ROOT, say
from shopdata.abnormal.definition import Rule
from shopdata.abnormal.document import amount_in_words
from shopdata.abnormal.rules import RULES
from shopdata.commands import parser
from shopdata.metrics.catalogue import CATALOGUE, parts
from shopdata.metrics.definition import Count, Duration, Metric, Missing, Total
from shopdata.metrics.formula import formula_text
from shopdata.platforms import Field, Format, formats
from shopdata.web import api
from shopdata.web.openapi import describe
from shopdata.words import LANGUAGES, Words, words

DOCS = ROOT / "docs"
SPOKEN = tuple(words(language) for language in LANGUAGES)
LIST = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
GUIDES = (*sorted(DOCS.glob("export-from-*.md")), DOCS / "own-tables.md")
NAMED = re.compile(r"(?:^\| [^|]+ \| |^## \S+ · )`(\w+)`", re.MULTILINE)
PARTS = ("name", "why", "todo")
EVERYWHERE = ("help", "json", "lang")
FACTS = ("aftersales", "commissions", "settlements", "parcels", "ads", "traffic")


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    head = list(header)
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def both(key: str) -> str:
    """The words under ``key`` in every language."""
    return " · ".join(dict.fromkeys(spoken.get(key, key) for spoken in SPOKEN))


def feeds(metric: Metric) -> tuple[str, ...]:
    """The kinds of file a metric is read from, with those of its parts."""
    own = [need.kind for need in metric.needs]
    if isinstance(metric, Count | Total):
        own.insert(0, metric.family if metric.family in FACTS else "orders")
    if isinstance(metric, Duration):
        own.insert(0, "orders")
    return tuple(
        dict.fromkeys([*chain.from_iterable(feeds(CATALOGUE[part]) for part in parts(metric)), *own])
    )


def metric_rows(shown: bool, waiting: bool) -> str:
    """Metrics by key: names, meaning, formula, unit and the files they need."""

    def said(key: str, spoken: Words) -> str:
        told = (spoken(f"metrics.{key}.{part}") for part in ("label", "help"))
        return "<br>".join((*dict.fromkeys(told), f"= {formula_text(key, spoken)}"))

    rows = (
        (f"`{key}`", *(said(key, spoken) for spoken in SPOKEN), metric.unit, ", ".join(feeds(metric)))
        for key, metric in CATALOGUE.items()
        if metric.shown == shown and isinstance(metric, Missing) == waiting
    )
    return table(("key", *LANGUAGES, "unit", "files"), rows)


def field_row(one: Field) -> tuple[str, ...]:
    """How one canonical column is recognised and read."""
    keys = (f"{place}.fields.{one.name}" for place in ("orders", "ui"))
    key = next(key for key in keys if key in SPOKEN[0].entries)
    return f"`{one.name}`", both(key), " / ".join(one.headers), one.type


def guides() -> dict[str, str]:
    """The page that tells how to export each format, by the format's key."""
    return {key: path.name for path in GUIDES for key in NAMED.findall(path.read_text(encoding="utf-8"))}


def format_text(one: Format) -> str:
    """One format: what it must have, the headers of each field, what its words mean."""
    needed = " + ".join("(" + " / ".join(f"`{name}`" for name in group) + ")" for group in one.required)
    text = f"\n## {one.key}: {both(f'ui.formats.{one.key}')}\n\n"
    text += f"platform `{one.platform}`, kind `{one.kind}`, required {needed}\n\n"
    if page := guides().get(one.key):
        text += f"how to export: [{page}]({page})\n\n"
    text += table(
        ("field", "name", "headers", "type"),
        (field_row(field) for field in one.fields.values() if field.headers),
    )
    for field in one.fields.values():
        meanings: dict[str, list[str]] = {}
        for word, meaning in field.words.items():
            meanings.setdefault(meaning, []).append(word)
        if meanings:
            rows = ((f"`{meaning}`", " / ".join(found)) for meaning, found in meanings.items())
            text += f"\nwords of `{field.name}`:\n\n" + table(("meaning", "words"), rows)
    return text + (f"\nknown and not read: {' / '.join(one.known)}\n" if one.known else "")


def command_text(name: str, chinese: argparse.ArgumentParser, english: argparse.ArgumentParser) -> str:
    """One command with its arguments and flags."""
    rows = []
    for one, other in zip(chinese._actions, english._actions, strict=True):
        value = [] if one.nargs == 0 else [str(one.metavar or "|".join(one.choices or ()))]
        if one.dest not in EVERYWHERE:
            rows.append((f"`{' '.join(one.option_strings + value)}`", str(one.help), str(other.help)))
    heading = f"\n## {name}\n\n{both(f'cli.command.{name}')}\n\n"
    return heading + table(("argument", *LANGUAGES), rows) if rows else heading


def commands() -> str:
    """Every command of the grammar."""
    grammars = (parser.build(spoken)._actions for spoken in SPOKEN)
    trees = [next(one.choices for one in actions if one.dest == "command") for actions in grammars]
    return "".join(command_text(name, *(tree[name] for tree in trees)) for name in trees[0])


def routes() -> str:
    """Every route of our own with its methods and parameters."""
    described = describe(words("en"))["paths"]
    rows = []
    for route in api.routes():
        verbs = described.get(route.path, {}).values()  # type: ignore[attr-defined]
        names = ", ".join(f"`{given['name']}`" for verb in verbs for given in verb.get("parameters", ()))
        methods = " ".join(sorted(set(route.methods or ()) - {"HEAD"}))
        if ":path" not in route.path:
            rows.append((methods, f"`{route.path}`", names))
    return table(("method", "path", "parameters"), rows)


def limit_text(rule: Rule) -> str:
    """The limits of a rule; a star marks our own defaults."""
    english = SPOKEN[-1]
    return "<br>".join(
        f"`{one.name}` {both(f'abnormal.limits.{one.name}')}: "
        f"{amount_in_words(one.default, one.unit, english)}{' *' if one.ours else ''}"
        for one in rule.limits
    )


def rules() -> str:
    """Every rule for abnormal orders: what it says, what to do, limits, files."""
    rows = (
        (
            f"`{rule.key}`",
            *("<br>".join(spoken(f"abnormal.{rule.key}.{part}") for part in PARTS) for spoken in SPOKEN),
            f"{both(f'abnormal.subjects.{rule.subject}')}, {both(f'abnormal.severity.{rule.severity}')}",
            limit_text(rule),
            ", ".join(f"{need.kind}{f'.{need.column}' if need.column else ''}" for need in rule.needs),
        )
        for rule in RULES.values()
    )
    return table(("key", *LANGUAGES, "about", "limits", "needs"), rows)


LISTS: Mapping[str, Callable[[], str]] = {
    "rules": rules,
    "metrics": lambda: metric_rows(True, False),
    "parts": lambda: metric_rows(False, False),
    "later": lambda: metric_rows(True, True),
    "formats": lambda: "".join(format_text(one) for one in formats().values()),
    "commands": commands,
    "routes": routes,
}


def filled(text: str) -> str:
    """A document with its lists as the code says them."""
    return LIST.sub(lambda found: f"{found[1]}\n{LISTS[found[2]]().strip()}\n\n{found[3]}", text)


def main() -> None:
    """Fill the lists of every document."""
    for path in sorted(DOCS.glob("*.md")):
        old = path.read_text(encoding="utf-8")
        if (new := filled(old)) != old:
            path.write_text(new, encoding="utf-8")
            say(f"written: {path}")


if __name__ == "__main__":
    main()
