"""The steps of ``docs/contributing.md``, taken from the page and followed in a copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("shopdata", "pages", "scripts", "docs", "sample_data", "tests/pages", ".streamlit")
STEP = re.compile(
    r"^ *(?P<how>New file|In) `(?P<path>[^`]+)`(?: (?P<where>after|replace) `(?P<mark>[^\n]+)`)?:\n\n"
    r"(?P<block> *```\w+\n.*?\n *```)$",
    re.MULTILINE | re.DOTALL,
)
PAGE = """
from datetime import datetime
from pathlib import Path
from streamlit.testing.v1 import AppTest
from shopdata.settings import read_settings
from shopdata.store import open_store
from shopdata.web import identity, state
from tests.pages.conftest import seen_by_the_guard
from pages.ui.frame import pages
from shopdata.words import words

settings = read_settings()
store = open_store(settings)
state.use(state.Opened(store, settings))
page = AppTest.from_file(str(Path("pages/example.py").absolute()), default_timeout=60)
page.session_state["language"] = "en"
page.user = seen_by_the_guard()
page.query_params["days"] = "all"
page.run()
assert not page.exception, page.exception
print(page.title[0].value, page.metric[0].label, page.metric[0].value, sep="|")
store.close()
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the project with the steps done."""

    folder: Path

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The copy's own code at work; a home of its own, a fixed day."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SHOPDATA_")}
        own = {
            "SHOPDATA_HOME": str(self.folder / "home"),
            "SHOPDATA_NOW": "2026-11-02T12:00:00",
            "PYTHONPATH": str(self.folder),
            "PYTHONIOENCODING": "utf-8",
        }
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=clean | own,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def document(self, *arguments: str, status: int = 0) -> Any:
        """The JSON document of a command."""
        done = self.python("-m", "shopdata", *arguments, "--json")
        assert done.returncode == status, done.stdout + done.stderr
        return json.loads(done.stdout)


def follow(step: re.Match[str], folder: Path) -> None:
    """Do what one step says."""
    path = folder / step["path"]
    lines = textwrap.dedent(step["block"]).split("\n")[1:-1]
    text = "\n".join(lines) + "\n"
    if step["how"] == "New file":
        assert not path.exists()
        path.write_text(text, encoding="utf-8")
        return
    old, mark = path.read_text(encoding="utf-8"), step["mark"]
    if step["where"] == "replace":
        assert old.count(mark) == 1, mark
        new = old.replace(mark, text.strip())
    else:
        new, found = re.subn(f"^{re.escape(mark)}\n", lambda line: line[0] + text, old, flags=re.MULTILINE)
        assert found == 1, mark
    path.write_text(new, encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
    steps = list(STEP.finditer((ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")))
    assert len(steps) == 13
    for step in steps:
        follow(step, folder)
    return Copy(folder)


@pytest.fixture(scope="module")
def imported(copy: Copy) -> Any:
    return copy.document("import", "example.csv", status=1)["files"][0]


def test_the_new_format_is_recognised_and_explained(copy: Copy) -> None:
    (seen,) = copy.document("formats", "check", "example.csv", status=1)["files"]
    assert (seen["format"], seen["platform"], seen["kind"]) == ("example_orders", "other", "orders")
    assert {"header": "拍下时间", "field": "placed_at"} in seen["columns"]


def test_the_new_format_is_imported_row_by_row(imported: Any) -> None:
    counts = [imported[name] for name in ("format", "rows", "accepted", "rejected", "new")]
    assert counts == ["example_orders", 3, 2, 1, 2]
    assert [(one["row"], one["column"], one["code"]) for one in imported["rejects"]] == [
        (4, "收款", "amount_invalid")
    ]


def test_the_new_metric_is_in_the_table_with_its_interval(copy: Copy, imported: Any) -> None:
    total = copy.document("metrics")["total"]
    assert (total["orders_placed"], total["paid_amount"]) == (2, 3980)
    names = ("", "_n", "_d")
    assert [total[f"example_closed_rate{name}"] for name in names] == [0.5, 1, 2]
    assert 0 < total["example_closed_rate_low"] < 0.5 < total["example_closed_rate_high"] < 1


def test_the_new_page_shows_the_figure(copy: Copy, imported: Any) -> None:
    done = copy.python("-c", PAGE)
    assert done.stdout.strip() == "Example|Closed orders|1", done.stderr


def test_the_new_page_stands_in_the_navigation(copy: Copy) -> None:
    done = copy.python("-c", "from scripts.picture_pages import NAMES; print(*NAMES)")
    assert "example" in done.stdout.split(), done.stderr


def test_making_the_docs_describes_what_is_new(copy: Copy) -> None:
    done = copy.python("-m", "scripts.generate_docs")
    assert done.returncode == 0, done.stderr
    for name, expected in (("formats", "示例平台订单"), ("metrics", "Closed orders ÷ Orders placed")):
        assert expected in (copy.folder / "docs" / f"{name}.md").read_text(encoding="utf-8")
