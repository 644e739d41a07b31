"""Which format a header is: by the names of its columns, never by the file's name, place or encoding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shopdata.errors import Refused
from shopdata.platforms import Format, formats, header_key, places_of

HEADER_SEARCH = 12
CLEARLY = 2


@dataclass(frozen=True, slots=True)
class Sought:
    """What a file may be: any of ``formats``, or only the one whose key is ``wanted``."""

    formats: Mapping[str, Format]
    wanted: str | None = None

    @property
    def possible(self) -> tuple[Format, ...]:
        """The formats a header is compared with."""
        if self.wanted:
            return (self.formats[self.wanted],)
        return tuple(one for one in self.formats.values() if not one.by_content)


BUILT_IN = Sought(formats())


@dataclass(frozen=True, slots=True)
class Match:
    """A format against one header: what it found, what is missing, how well it fits."""

    format: Format
    found: Mapping[str, int]
    missing: tuple[tuple[str, ...], ...]
    distinguishing: int
    matched: int

    @property
    def fits(self) -> bool:
        """Whether every required column is there and at least one that only this export has."""
        return not self.missing and (bool(self.distinguishing) or not self.format.distinguishing)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The header row of a sheet and the format it belongs to."""

    match: Match
    headers: tuple[str, ...]
    row: int


def match(format_: Format, headers: Sequence[str]) -> Match:
    """How well ``format_`` explains ``headers``."""
    return _matched(format_, places_of(headers))


def _matched(format_: Format, places: Mapping[str, int]) -> Match:
    names = places.keys() - {""}
    found = format_.columns_at(places)
    return Match(
        format=format_,
        found=found,
        missing=format_.missing(found),
        distinguishing=len(names & format_.telling_keys),
        matched=len(names & format_.header_keys),
    )


def matches(headers: Sequence[str], sought: Sought = BUILT_IN) -> list[Match]:
    """Every format that could be meant by ``headers``, best first."""
    places = places_of(headers)
    candidates = [
        _matched(one, places)
        for one in sought.possible
        if sought.wanted or one.foreign_keys.isdisjoint(places)
    ]
    return sorted(candidates, key=lambda one: (one.fits, one.matched, one.distinguishing), reverse=True)


def recognise(rows: Sequence[Sequence[str]], sought: Sought = BUILT_IN) -> Recognised | None:
    """The best header among the first rows of a sheet, or None when none fits."""
    best: Recognised | None = None
    for place, headers in enumerate(rows[:HEADER_SEARCH]):
        candidates = matches(headers, sought)
        fitting = [one for one in candidates if (not one.missing if sought.wanted else one.fits)]
        if not fitting:
            continue
        if len(fitting) > 1 and _equal(fitting[0], fitting[1]):
            keys = [one.format.key for one in fitting if _equal(one, fitting[0])]
            raise Refused("format_ambiguous", formats=", ".join(sorted(keys)), row=place + 1)
        if best is None or fitting[0].matched > best.match.matched:
            best = Recognised(fitting[0], tuple(header.strip() for header in headers), place)
    if best:
        refuse_doubled(best)
    return best


def _equal(one: Match, other: Match) -> bool:
    return (one.matched, one.distinguishing) == (other.matched, other.distinguishing)


def refuse_doubled(recognised: Recognised) -> None:
    """Refuse a header that names a column we read twice."""
    counted = Counter(header_key(header) for header in recognised.headers if header_key(header))
    read = {header_key(recognised.headers[place]) for place in recognised.match.found.values()}
    doubled = [
        name for name in recognised.headers if counted[header_key(name)] > 1 and header_key(name) in read
    ]
    if doubled:
        raise Refused("headers_duplicated", column=", ".join(dict.fromkeys(doubled)), row=recognised.row + 1)


def explain(rows: Sequence[Sequence[str]], sought: Sought = BUILT_IN) -> Refused:
    """Why no row of ``rows`` is a known header: the nearest format and what it misses."""
    best: Match | None = None
    for headers in rows[:HEADER_SEARCH]:
        for one in matches(headers, sought):
            if best is None or (one.distinguishing, one.matched) > (best.distinguishing, best.matched):
                best = one
    if best is None or not best.matched:
        return Refused("format_unknown", nearest="", column="")
    fields = best.format.fields
    groups = [[fields[name].headers[0] for name in group if fields[name].headers] for group in best.missing]
    column = ", ".join(" / ".join(group) for group in groups)
    near = sought.wanted or (len(best.missing) == 1 and best.distinguishing >= CLEARLY)
    code = "column_missing" if near and groups else "format_unknown"
    return Refused(code, nearest=best.format.key, column=column, matched=best.matched)
