"""Workbooks that are no export: lists somebody fills in, read as they stand in a child process."""

from __future__ import annotations

from shopdata.imports.reading import one_parser, work_folder
from shopdata.ingest.results import Limits
from shopdata.store import Store


def rows_of_workbook(store: Store, held: bytes, most: int) -> tuple[tuple[int, list[str]], ...]:
    """The first ``most`` rows of an XLSX workbook, see ``Parser.table``. Raises ``Refused``."""
    with work_folder(store) as work, one_parser(None) as parser:
        path = work / "list.xlsx"
        path.write_bytes(held)
        return parser.table(path, work / "read", most, limits=Limits())
