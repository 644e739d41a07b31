"""A disk that fills up during an import: a true verdict, nothing half, and then work goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shopdata.imports.run import import_paths
from shopdata.store import open_store
from shopdata.store.tables import ORDER_LINES
from tests.imports.conftest import settings_in
from tests.imports.shop_files import Line
from tests.imports.shop_files import orders as order_file

pytestmark = pytest.mark.faults
SMALL, LARGE = "40m", "600m"
FILES, LINES_EACH = 12, 4_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system in memory of 40 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "shopdata-test", str(place)]
    if os.name == "nt" or subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("nobody may mount a file system here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_stores_whole_files_or_nothing_and_serves_again(small_disk: Path, tmp_path: Path) -> None:
    files = [
        order_file(tmp_path / f"{n}.csv", [Line(n * LINES_EACH + k) for k in range(1, LINES_EACH + 1)])
        for n in range(FILES)
    ]
    filler = small_disk / "filler"
    with open_store(settings_in(small_disk / "home")) as store:
        filler.write_bytes(
            bytes(os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize - (12 << 20))
        )
        first = import_paths(store, files)
        refused = [one for one in first if one.status == "refused"]
        assert refused
        assert {one.error.code for one in refused if one.error} == {"disk_full"}
        filler.unlink()
        subprocess.run(["mount", "-o", f"remount,size={LARGE}", str(small_disk)], check=True)
        again = import_paths(store, files)
        assert {one.status for one in again} <= {"imported", "duplicate"}
        stored = sum(one.status == "imported" for one in first) + sum(
            one.status == "imported" for one in again
        )
        assert stored == FILES
        with store.read() as connection:
            lines = connection.scalar(select(func.count()).select_from(ORDER_LINES.table))
        assert lines == FILES * LINES_EACH
    with open_store(settings_in(small_disk / "home")) as store:
        assert store.damage == ()
