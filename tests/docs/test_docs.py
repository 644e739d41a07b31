"""What the documents say is what the code says, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

from scripts.generate_docs import DOCS, GUIDES, LISTS, NAMED, filled
from scripts.picture_pages import README
from shopdata.imports.run import import_paths
from shopdata.metrics.catalogue import CATALOGUE
from shopdata.platforms import formats
from shopdata.settings import Settings
from shopdata.store import open_store

ROOT = DOCS.parent
PAGES = sorted(DOCS.glob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
BEGIN = re.compile(r"<!-- begin (\w+) -->")
VARIABLE = re.compile(r"\bSHOPDATA_[A-Z][A-Z_]*[A-Z]\b")
CODE = ("shopdata", "pages", "scripts", "sample_data", "bench")
PICTURE_LIMIT = 300_000


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """What a heading is called in a link."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_generated_lists_are_what_the_code_says(path: Path) -> None:
    assert filled(read(path)) == read(path), "run `make docs`"


def test_every_list_stands_in_one_document() -> None:
    assert sorted(name for path in PAGES for name in BEGIN.findall(read(path))) == sorted(LISTS)


def test_every_metric_and_format_is_described() -> None:
    metrics, described = read(DOCS / "metrics.md"), read(DOCS / "formats.md")
    assert [key for key in CATALOGUE if f"| `{key}` |" not in metrics] == []
    assert [key for key in formats() if f"\n## {key}: " not in described] == []


def test_every_variable_of_the_environment_is_documented() -> None:
    files = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    used = {name for path in [ROOT / "dashboard.py", *files] for name in VARIABLE.findall(read(path))}
    assert "SHOPDATA_HOME" in used
    assert used <= set(VARIABLE.findall(read(DOCS / "operators.md")))


def test_no_variable_is_documented_that_nothing_reads() -> None:
    files = [path for folder in (*CODE, "tests") for path in (ROOT / folder).rglob("*.py")]
    used = {name for path in files for name in VARIABLE.findall(read(path))}
    assert set(VARIABLE.findall(read(DOCS / "operators.md"))) <= used


@pytest.mark.parametrize("path", [ROOT / "README.md", *PAGES], ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(read(path)):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(read(target)), link


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_files_a_document_names_exist(path: Path) -> None:
    named = re.findall(r"`((?:shopdata|pages|tests|scripts|docs)/[\w/.]+\.\w+)`", read(path))
    made = {name for name in named if "example" in name}
    assert [name for name in named if name not in made and not (ROOT / name).exists()] == []


def test_pictures_of_the_readme_are_small() -> None:
    assert README.startswith("overview")
    shown = [link for link in LINK.findall(read(ROOT / "README.md")) if link.endswith(".png")]
    assert len(shown) == 2
    assert all((ROOT / link).stat().st_size < PICTURE_LIMIT for link in shown)


def test_every_format_is_told_how_to_export_in_one_guide() -> None:
    told = [key for path in GUIDES for key in NAMED.findall(read(path))]
    assert sorted(told) == sorted(formats())


def examples() -> list[tuple[str, str]]:
    """The example tables of the shop's own tables: the format each is of, and it as a CSV."""
    found = []
    for section in re.split(r"^## ", read(DOCS / "own-tables.md"), flags=re.MULTILINE)[1:]:
        key = re.match(r"\S+ · `(\w+)`", section)
        lines = [line for line in section.splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        if key:
            found.append((key[1], "".join(",".join(row) + "\n" for row in (rows[0], *rows[2:]))))
    return found


@pytest.mark.parametrize(("key", "text"), examples(), ids=[key for key, _ in examples()])
def test_an_example_of_the_guide_is_read_as_what_it_is(key: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    store = open_store(Settings(tmp_path / "home", f"duckdb:///{tmp_path}/home/shopdata.duckdb"))
    (result,) = import_paths(store, [path], shop="example")
    store.close()
    assert (result.format, result.accepted, result.rejected) == (key, 1, 0), result.as_json()
