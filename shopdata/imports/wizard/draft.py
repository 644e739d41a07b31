"""A description in the making: proposed from the file, then changed field by field by whoever knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from shopdata.errors import BadUsage
from shopdata.imports.format_checks import MARKS, PLATFORMS
from shopdata.imports.scoping import is_currency, is_zone
from shopdata.imports.wizard import guess
from shopdata.imports.wizard.templates import Known, Template, templates
from shopdata.ingest.results import ColumnValues, Described
from shopdata.platforms import plain

LIKELY = 40.0
KEY_BONUS = 50.0
OWN_PLACES, CHINA = "own", "china"
SETTINGS: Mapping[str, Callable[[str], bool]] = {
    "platform": lambda value: value in PLATFORMS,
    "places": lambda value: value in (OWN_PLACES, CHINA),
    "decimal": lambda value: value in MARKS,
    "currency": lambda value: not value or is_currency(value),
    "zone": lambda value: not value or is_zone(value),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """``kind``: key of a template. ``columns``: field → header. ``words``: field → word → meaning ("": none).

    ``places``: provinces are those of China, or called what the file calls them. ``currency`` and ``zone``
    are those of the shop, empty for what shops are made with.
    """

    kind: str
    columns: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    platform: str = "other"
    places: str = CHINA
    decimal: str = "."
    currency: str = ""
    zone: str = ""

    @property
    def template(self) -> Template:
        """What is described."""
        return templates()[self.kind]

    @property
    def missing(self) -> tuple[tuple[str, ...], ...]:
        """Groups of fields of which one each is still to be named."""
        groups = self.template.format.required
        return tuple(group for group in groups if not any(name in self.columns for name in group))


def propose(described: Described, kind: str | None = None) -> Draft:
    """The likeliest description of a file, of the given kind of rows or of the likeliest."""
    if kind is not None and kind not in templates():
        raise BadUsage("format_setting_unknown", setting=f"kind={kind}")
    kinds = [kind] if kind else list(templates())
    scored = [(_matched(described, templates()[one]), one) for one in kinds]
    (columns, _), chosen = max(scored, key=lambda one: (one[0][1], -len(templates()[one[1]].fields)))
    if kind is None and chosen in ("orders", "order_lines"):
        chosen = _grain(described, columns)
        columns, _ = _matched(described, templates()[chosen])
    by_header = {one.header: one for one in described.columns}
    draft = Draft(chosen, columns)
    fields = draft.template.fields
    amounts = [by_header[header] for name, header in columns.items() if fields[name].field.type == "money"]
    where = columns.get("province")
    own = where is not None and guess.in_china(by_header[where]) < guess.READABLE
    draft = replace(draft, decimal=guess.decimal_mark(amounts), places=OWN_PLACES if own else CHINA)
    return replace(draft, words=_words(draft, by_header))


def _matched(described: Described, template: Template) -> tuple[dict[str, str], float]:
    """Fields by header, the best pairs first, and the sum of their scores."""
    pairs = [
        (guess.score(column, known), -place, name, column.header)
        for place, column in enumerate(described.columns)
        for name, known in template.fields.items()
    ]
    found: dict[str, str] = {}
    total = 0.0
    for worth, _, name, header in sorted(pairs, reverse=True):
        if worth >= LIKELY and name not in found and header not in found.values():
            found[name] = header
            total += worth + (KEY_BONUS if name in template.format.key_fields else 0.0)
    return found, total


def _grain(described: Described, columns: Mapping[str, str]) -> str:
    """One row an order where no order number comes twice, else one row an article."""
    ids = next((one for one in described.columns if one.header == columns.get("order_id")), None)
    return "order_lines" if "line_id" in columns or (ids and ids.distinct < ids.filled) else "orders"


def _words(draft: Draft, by_header: Mapping[str, ColumnValues]) -> dict[str, dict[str, str]]:
    found = {}
    for name, header in draft.columns.items():
        known = draft.template.fields[name]
        if known.field.type == "word":
            before = draft.words.get(name, {})
            values = [value for value, _ in by_header[header].values]
            found[name] = {value: before.get(value, _meaning(known, value)) for value in values}
    return found


def _meaning(known: Known, word: str) -> str:
    exact = known.words.get(plain(word), "")
    if exact or known.field.match != "part":
        return exact
    return next((meaning for part, meaning in known.words.items() if part in plain(word)), "")


def possible(draft: Draft, column: ColumnValues) -> tuple[str, ...]:
    """Fields the values of a column can be read as."""
    return tuple(name for name, known in draft.template.fields.items() if guess.readable(column, known))


def with_column(draft: Draft, described: Described, header: str, name: str | None) -> Draft:
    """The column ``header`` is the field ``name`` (or nothing): whatever either was before ends."""
    columns = {one: other for one, other in draft.columns.items() if other != header and one != name}
    if name is not None:
        columns[name] = header
    changed = replace(draft, columns=columns)
    return replace(changed, words=_words(changed, {one.header: one for one in described.columns}))


def with_word(draft: Draft, name: str, word: str, meaning: str) -> Draft:
    """The word of a field has this meaning ("" for none)."""
    return replace(draft, words={**draft.words, name: {**draft.words.get(name, {}), word: meaning}})


def changed(draft: Draft, described: Described, setting: str) -> Draft:
    """A change as it is typed: ``field=header`` (``field=`` for none), ``field.word=meaning``,
    ``platform=``, ``places=own|china``, ``decimal=,``, ``currency=BRL``, ``zone=America/Sao_Paulo``.

    Raises ``BadUsage`` ``format_setting_unknown``.
    """
    name, _, value = setting.partition("=")
    headers = [one.header for one in described.columns]
    fields = draft.template.fields
    spoken, _, word = name.partition(".")
    shown = {one.lstrip("_"): one for one in fields}
    if name in SETTINGS and SETTINGS[name](value):
        return with_setting(draft, name, value)
    if name in shown and value in ("", *headers):
        if value:
            return with_column(draft, described, value, shown[name])
        held = draft.columns.get(shown[name])
        return with_column(draft, described, held, None) if held else draft
    if word and spoken in shown and value in ("", *fields[shown[spoken]].meanings):
        return with_word(draft, shown[spoken], word, value)
    raise BadUsage("format_setting_unknown", setting=setting)


def with_setting(draft: Draft, name: str, value: str) -> Draft:
    """One of ``SETTINGS`` changed; the value is one it allows."""
    held = {one: getattr(draft, one) for one in SETTINGS} | {name: value}
    return Draft(draft.kind, draft.columns, draft.words, **held)
