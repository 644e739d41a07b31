"""From dropped files to figures, and back again."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import Page

from shopdata.words import words
from tests.browser.conftest import Visit, Visitor
from tests.ingest.kuaishou import order
from tests.ingest.locked_files import locked
from tests.ingest.support import Files, table_rows

ZH = words("zh")
LONG = 90_000


def choose(visitor: Visitor, files: list[Path]) -> Page:
    """Upload files on the Import page and wait until each is known."""
    page = visitor.open("/import")
    page.wait_for_selector("input.f", state="attached")
    page.locator("input.f").set_input_files([str(path) for path in files])
    page.locator(".st-key-import_go button").wait_for(timeout=LONG)
    visitor.settle()
    return page


def bring(visitor: Visitor, files: list[Path]) -> Page:
    """Upload and import files; back when the result stands."""
    page = choose(visitor, files)
    page.locator(".st-key-import_go button").click()
    page.get_by_text(ZH("pages.import.history"), exact=True).wait_for(timeout=LONG)
    visitor.settle()
    return page


def files_of(sample_files: tuple[tuple[Path, str], ...], *, shop: int = 0) -> list[Path]:
    """The files of one of the sample's shops."""
    names = list(dict.fromkeys(name for _, name in sample_files))
    return [path for path, name in sample_files if name == names[shop]]


def test_files_become_figures(newcomer: Visit, sample_files: tuple[tuple[Path, str], ...]) -> None:
    visitor, files = newcomer(), files_of(sample_files)
    page = visitor.open("/overview")
    page.get_by_text(ZH("ui.empty_title")).wait_for()
    page = choose(visitor, files)
    for path in files:
        assert page.get_by_text(path.name, exact=True).count()
    assert page.get_by_text(ZH("ui.formats.douyin_orders")).count()
    page.locator("[class*=st-key-details_] summary").first.click()
    page.get_by_text(ZH("pages.import.columns"), exact=True).wait_for()
    page.locator(".st-key-import_go button").click()
    page.get_by_text(ZH("pages.import.history"), exact=True).wait_for(timeout=LONG)
    page.get_by_text(ZH("pages.import.todo"), exact=True).wait_for()
    visitor.settle()
    page.get_by_role("link", name=ZH("nav.overview")).click()
    page.locator("[data-testid=stMetric]").first.wait_for()
    visitor.settle()
    shown = page.locator("[data-testid=stMetricValue]").first.inner_text()
    assert shown.startswith("¥")
    assert shown != "¥0.00"
    assert visitor.wrong == []


def test_an_import_goes_on_without_the_tab(
    newcomer: Visit, sample_files: tuple[tuple[Path, str], ...]
) -> None:
    first = newcomer()
    page = choose(first, files_of(sample_files)[:2])
    page.locator(".st-key-import_go button").click()
    page.locator(".st-key-import_go").wait_for(state="detached", timeout=LONG)
    page.context.close()
    other = newcomer().open("/import")
    other.get_by_text(ZH("pages.import.history"), exact=True).wait_for(timeout=LONG)
    other.get_by_text(ZH("pages.import.results"), exact=True).wait_for()


def test_the_same_file_again_is_recognised(
    newcomer: Visit, sample_files: tuple[tuple[Path, str], ...]
) -> None:
    visitor, files = newcomer(), files_of(sample_files)[:1]
    bring(visitor, files)
    page = visitor.page
    page.locator("input.f").set_input_files([str(files[0])])
    page.get_by_text(ZH("pages.import.duplicate")).wait_for(timeout=LONG)
    assert page.locator(".st-key-import_go button").is_disabled()


def test_a_file_that_is_none_of_ours_is_refused_in_words(newcomer: Visit, tmp_path: Path) -> None:
    strange = tmp_path / "strange.csv"
    strange.write_text("a,b\n1,2\n", encoding="utf-8")
    visitor = newcomer()
    page = choose(visitor, [strange])
    assert page.locator(".st-key-import_go button").is_disabled()
    assert page.locator("[class*=st-key-look_]").get_by_text(ZH("errors.format_unknown")[:6]).count()
    page.locator("[class*=st-key-drop_] button").click()
    visitor.settle()
    assert page.locator("[class*=st-key-look_]").count() == 0
    assert visitor.wrong == []


def test_rejected_rows_can_be_fetched_corrected_and_the_import_undone(
    newcomer: Visit, sample_files: tuple[tuple[Path, str], ...], tmp_path: Path
) -> None:
    whole = next(path for path in files_of(sample_files) if path.suffix == ".csv")
    lines = whole.read_text(encoding="utf-8-sig").splitlines()
    headers = next(csv.reader(lines[:1]))
    placed = headers.index("订单提交时间")
    cells = next(csv.reader(lines[1:2]))
    cells[placed] = "yesterday"
    bad = tmp_path / "bad.csv"
    with bad.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(headers)
        writer.writerow(cells)
        writer.writerows(csv.reader(lines[2:50]))
    visitor = newcomer()
    page = bring(visitor, [bad])
    visitor.tick("history_")
    link = page.get_by_role("link", name=ZH("pages.import.get_rejects"))
    link.wait_for()
    with page.expect_download() as fetched:
        link.click()
    rows = list(csv.reader(Path(fetched.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][: len(headers)] == [name.strip() for name in headers]
    assert len(rows) == 2
    assert "yesterday" in rows[1]
    page.get_by_role("button", name=ZH("pages.import.undo")).click()
    page.locator("[class*=st-key-undo_go_] button").click()
    page.get_by_text(ZH("pages.import.undo_done", n=0)).wait_for(timeout=LONG)
    visitor.settle()
    visitor.open("/overview")
    page.get_by_text(ZH("ui.empty_title")).wait_for()


def test_a_locked_workbook_opens_with_its_password(newcomer: Visit, tmp_path: Path) -> None:
    plain = Files(tmp_path).xlsx(table_rows([order()]), "plain.xlsx")
    file = locked(plain, tmp_path / "orders.xlsx", "Zq7-open-sesame")
    visitor = newcomer()
    page = choose(visitor, [file])
    asked, go = (
        page.locator("[class*=st-key-password_] input"),
        page.locator("[class*=st-key-unlock_go_] button"),
    )
    page.get_by_text(ZH("errors.password_needed")).wait_for()
    assert asked.get_attribute("type") == "password"
    asked.fill("wrong")
    go.click()
    page.get_by_text(ZH("errors.password_wrong")).wait_for(timeout=LONG)
    visitor.settle()
    assert asked.input_value() == ""
    asked.fill("Zq7-open-sesame")
    go.click()
    page.get_by_text(ZH("ui.formats.kuaishou_orders")).first.wait_for(timeout=LONG)
    page.locator(".st-key-import_go button").click()
    page.get_by_text(ZH("pages.import.history"), exact=True).wait_for(timeout=LONG)
    visitor.settle()
    assert visitor.wrong == []
