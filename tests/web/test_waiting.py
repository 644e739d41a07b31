"""Uploads that wait for a yes say what they are by what the store holds now."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from shopdata.imports.queue import Worker
from shopdata.imports.results import Preview
from shopdata.imports.run import import_paths
from shopdata.web.state import Opened
from shopdata.web.waiting import Waitings
from tests.imports.shop_files import Line, orders

PATIENCE = 60


def held(waitings: Waitings, opened: Opened, path: Path) -> None:
    """Hold a copy of a file, as an upload is."""
    folder = opened.settings.temporary / path.stem
    folder.mkdir(parents=True)
    shutil.copy(path, folder / path.name)
    waitings.hold(opened, [(folder / path.name, path.name)], "local")


def looked_at(waitings: Waitings) -> Preview:
    """What the one file is, once it is known."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        (one,) = waitings.held()
        if one.is_settled:
            (look,) = one.looks or ()
            return look
        time.sleep(0.02)
    raise AssertionError("never looked at")


def test_an_upload_finds_the_shop_that_came_into_being_after_it_was_looked_at(
    opened: Opened, tmp_path: Path
) -> None:
    first = orders(tmp_path / "甲店订单2026-09.csv", [Line(1, day="2026-09-05")])
    second = orders(tmp_path / "乙店订单2026-09.csv", [Line(11, day="2026-09-06")])
    third = orders(tmp_path / "乙店订单2026-10.csv", [Line(12, day="2026-10-06")])
    import_paths(opened.store, [first], shop="甲店")
    waitings = Waitings()
    held(waitings, opened, third)
    before = looked_at(waitings)
    assert before.shop != "乙店"
    assert not waitings.look_at_outdated(opened)
    import_paths(opened.store, [second], shop="乙店")
    assert waitings.look_at_outdated(opened)
    after = looked_at(waitings)
    assert (after.shop, after.duplicate) == ("乙店", False)
    import_paths(opened.store, [third])
    assert waitings.look_at_outdated(opened)
    assert looked_at(waitings).duplicate
    assert not waitings.look_at_outdated(opened)


def test_while_imports_run_what_was_understood_stays(opened: Opened, tmp_path: Path) -> None:
    first = orders(tmp_path / "甲店订单2026-09.csv", [Line(1, day="2026-09-05")])
    second = orders(tmp_path / "甲店订单2026-10.csv", [Line(2, day="2026-10-06")])
    waitings = Waitings()
    held(waitings, opened, second)
    look = looked_at(waitings)
    import_paths(opened.store, [first], shop="甲店")
    worker = Worker(opened.store, opened.settings)
    running = replace(opened, worker=worker)
    job = worker.add("import", {"files": []}, user="local")
    assert not waitings.look_at_outdated(running)
    worker.cancel(job, "local", "owner")
    assert waitings.look_at_outdated(running)
    (one,) = waitings.held()
    assert one.is_settled or one.looks == (look,)
    assert looked_at(waitings).shop == "甲店"
