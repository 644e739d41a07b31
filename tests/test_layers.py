"""Data flows one way: each part imports only what lies before it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BASE = {"errors", "units", "words", "settings", "scope"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "units": {"errors"},
    "words": {"errors"},
    "settings": {"errors"},
    "scope": {"errors"},
    "platforms": BASE,
    "ingest": BASE | {"platforms"},
    "store": BASE,
    "imports": BASE | {"platforms", "ingest", "store"},
    "metrics": BASE | {"platforms", "store", "imports"},
    "analysis": BASE | {"platforms", "store", "imports", "metrics"},
    "orders": BASE | {"platforms", "store", "imports", "metrics"},
    "abnormal": BASE | {"platforms", "store", "imports", "metrics", "analysis", "orders"},
    "report": BASE | {"store", "imports", "abnormal"},
    "web": BASE
    | {
        *("platforms", "store", "imports", "metrics", "analysis", "abnormal", "orders", "report", "link"),
        "commands",
    },
    "link": BASE | {"store"},
    "commands": BASE
    | {
        *("platforms", "ingest", "store", "imports", "metrics", "analysis", "abnormal", "orders", "link"),
        "serve",
    },
    "cli": BASE | {"commands", "link", "store", "serve"},
    "serve": BASE | {"web", "imports", "store", "link"},
}
SCREEN = {"streamlit", "plotly", "pandas"}
SCREEN_ALLOWED = {"serve", "web"}


def product_files() -> list[Path]:
    return sorted((ROOT / "shopdata").rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "shopdata")


def part_of(path: Path) -> str:
    inside = path.relative_to(ROOT / "shopdata")
    return inside.parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", product_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_lies_before_it(path: Path) -> None:
    part = part_of(path)
    if part in {"__init__", "__main__"}:
        return
    wanted = {name.split(".")[1] for name in imported(path) if name.startswith("shopdata.")}
    assert wanted - {part, "__version__"} <= MAY_IMPORT[part]


@pytest.mark.parametrize("path", product_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_product_without_a_screen_knows_no_screen(path: Path) -> None:
    if part_of(path) not in SCREEN_ALLOWED:
        assert not {name.split(".")[0] for name in imported(path)} & SCREEN


def test_pages_hold_no_sql() -> None:
    for path in (ROOT / "pages").rglob("*.py"):
        assert not [name for name in imported(path) if name.split(".")[0] in {"sqlalchemy", "duckdb"}], path
