"""What bad files cost good ones: other encodings, many small files, and the checks themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

from bench.generate import export_name, orders_csv, orders_xlsx
from bench.measure import Result, alone

PIECES = 50
TIMES = 3


def measure(place: Path, lines: int, sheet_lines: int) -> list[Result]:
    """``lines`` of a CSV in two encodings, whole and in pieces; its checks and those of a workbook."""
    whole = orders_csv(place / export_name(lines, "csv"), lines)
    gbk = place / "gb18030.csv"
    gbk.write_text(whole.read_text(encoding="utf-8-sig"), encoding="gb18030", newline="")
    folder = _pieces(whole, place / "pieces", lines)
    book = orders_xlsx(place / export_name(sheet_lines, "xlsx"), sheet_lines)
    one = _fastest("ours", place, "whole", whole)
    other = _fastest("ours", place, "gbk", gbk)
    many = _fastest("ours_many", place, "many", folder)
    sheet = _fastest("ours", place, "sheet", book)
    return [
        Result(f"{lines:,}-line CSV in GB18030", "the same lines in UTF-8", other, one, at_most=2.0),
        Result(
            f"{PIECES} files of {lines // PIECES:,} lines", f"one file of {lines:,}", many, one, at_most=1.2
        ),
        _checks(place, whole, f"{lines:,}-line CSV", one),
        _checks(place, book, f"{sheet_lines:,}-line XLSX", sheet),
    ]


def _fastest(work: str, place: Path, name: str, path: Path) -> float:
    return min(alone(work, place / f"{name}-{turn}", path).seconds for turn in range(TIMES))


def _checks(place: Path, path: Path, what: str, whole: float) -> Result:
    checked = alone("checks", place / f"checked-{path.suffix[1:]}", path).seconds
    return Result(f"checks against bad files, {what}", "its whole import", checked, whole, at_most=0.1)


def _pieces(whole: Path, folder: Path, lines: int) -> Path:
    """The rows of a CSV in files of their own, each under the header."""
    folder.mkdir()
    with whole.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline()
        for piece in range(PIECES):
            rows = [file.readline() for _ in range(lines // PIECES)]
            (folder / f"{piece:02d}.csv").write_text(header + "".join(rows), encoding="utf-8-sig", newline="")
    return folder


def spent_on_checks(path: Path, out: Path) -> float:
    """CPU seconds of every function that only looks for what is bad, while a good file is parsed."""
    from shopdata.imports import archive
    from shopdata.ingest import csv_blocks, csv_head, normalise, rounded, xlsx
    from shopdata.ingest.parse import Task, parse
    from shopdata.ingest.results import Limits

    spent: list[float] = []
    watched: Sequence[tuple[Any, Sequence[str]]] = (
        (archive, ("_check_directory", "_looks_like_workbook")),
        (csv_head, ("is_binary", "wide", "first_undecodable")),
        (csv_blocks.BlockReader, ("_whole", "_extra", "_is_unended")),
        (csv_blocks, ("_longest",)),
        (normalise.Normaliser, ("_impossible", "_cut_off")),
        (rounded, ("count", "judged")),
        (xlsx, ("inflated", "_too_large", "_with_nul")),
    )
    for owner, names in watched:
        for name in names:
            setattr(owner, name, _timed(getattr(owner, name), spent))
    out.mkdir(parents=True)
    archive.is_archive(path)
    parse(Task(path, out, path.name, None, datetime.now(), {}, Limits()), lambda done, total: None)
    return sum(spent)


def _timed(work: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """``work``, which adds its seconds of CPU to ``spent``."""

    @wraps(work)
    def timed(*given: Any, **more: Any) -> Any:
        started = time.thread_time()
        try:
            result = work(*given, **more)
            return list(result) if isinstance(result, Iterator) else result
        finally:
            spent.append(time.thread_time() - started)

    return timed
