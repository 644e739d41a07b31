"""A described file before its format is saved: what stands in it, and how the real parser reads it so."""

from __future__ import annotations

from pathlib import Path

from shopdata.imports.preview import inspect
from shopdata.imports.reading import one_parser, work_folder
from shopdata.imports.results import Preview
from shopdata.imports.wizard.draft import Draft
from shopdata.imports.wizard.text import toml_of
from shopdata.ingest.client import Parser
from shopdata.ingest.results import Described, Limits
from shopdata.store import Store

NAME = "described"


def look(store: Store, path: Path, parser: Parser | None = None) -> Described:
    """The columns of the file at ``path`` and their values. Raises ``Refused`` where it is no table."""
    with work_folder(store) as work, one_parser(parser) as reading:
        return reading.describe(path, work / NAME, limits=Limits())


def tried(
    store: Store, path: Path, file_name: str, draft: Draft, described: Described, parser: Parser | None = None
) -> Preview:
    """The file read by the format the draft describes: rows, rejects and reasons. Nothing is stored."""
    with work_folder(store) as work:
        written = work / f"{NAME}.toml"
        written.write_text(toml_of(draft, described), encoding="utf-8")
        own = (written,)
        return inspect(store, path, file_name=file_name, format_key=NAME, parser=parser, own_formats=own)[0]
