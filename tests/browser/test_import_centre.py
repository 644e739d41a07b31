"""The Import page as a merchant uses it: folders and archives dropped, shops remembered, words explained."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path

from playwright.sync_api import Page

from shopdata.words import words
from tests.browser.conftest import Visit
from tests.browser.test_import import LONG, ZH, bring, choose
from tests.imports.shop_files import Line, aftersales
from tests.imports.shop_files import orders as order_file

EN = words("en")
# A drop as the browser makes it: entries that are folders and files, folders read in pieces.
DROP = """
([zone, tree]) => {
  const blob = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const entry = (name, held) => typeof held === "string"
    ? {isFile: true, name, file: (done) => done(new File([blob(held)], name))}
    : {isFile: false, name, createReader: () => {
        const left = Object.entries(held).map(([inner, one]) => entry(inner, one));
        return {readEntries: (done) => done(left.splice(0, 1))};
      }};
  const items = Object.entries(tree).map(([name, held]) => ({webkitGetAsEntry: () => entry(name, held)}));
  const event = new Event("drop", {bubbles: true, cancelable: true});
  Object.defineProperty(event, "dataTransfer", {value: {items, files: []}});
  zone.dispatchEvent(event);
}
"""


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def drop(page: Page, tree: dict[str, object]) -> None:
    zone = page.locator(".drop")
    zone.wait_for(timeout=LONG)
    page.evaluate(DROP, [zone.element_handle(), tree])


def imported(page: Page) -> None:
    page.locator(".st-key-import_go button").click()
    page.get_by_text(ZH("pages.import.history"), exact=True).wait_for(timeout=LONG)


def test_a_dropped_folder_and_an_archive_are_opened_up(newcomer: Visit, tmp_path: Path) -> None:
    first = order_file(tmp_path / "十月.csv", [Line(1), Line(2)])
    second = aftersales(tmp_path / "售后.csv", [Line(2)])
    with zipfile.ZipFile(tmp_path / "十一月.zip", "w") as archive:
        archive.write(order_file(tmp_path / "b.csv", [Line(5, day="2026-11-01")]), "订单/b.csv")
    visitor = newcomer()
    page = visitor.open("/import")
    tree = {"导出": {"十月.csv": encoded(first), "更深": {"售后.csv": encoded(second)}, ".x": "eA=="}}
    drop(page, tree | {"十一月.zip": encoded(tmp_path / "十一月.zip")})
    for name in ("导出/十月.csv", "导出/更深/售后.csv", "十一月.zip/订单/b.csv"):
        page.locator("[class*=st-key-look_]").get_by_text(name).wait_for(timeout=LONG)
    visitor.settle()
    assert page.get_by_text("导出/.x").count() == 0
    imported(page)
    page.get_by_text(ZH("pages.import.calendar"), exact=True).wait_for(timeout=LONG)
    page.locator("[class*=st-key-calendar_figure_] .js-plotly-plot").wait_for(timeout=LONG)
    assert page.get_by_text(ZH("imports.effect.orders", change="+2")).count()
    visitor.settle()
    assert visitor.wrong == []


def test_a_shop_chosen_once_is_found_next_month(newcomer: Visit, tmp_path: Path) -> None:
    visitor = newcomer()
    bring(visitor, [order_file(tmp_path / "甲店订单2026-09.csv", [Line(1, day="2026-09-05")])])
    page = choose(visitor, [order_file(tmp_path / "乙店订单2026-09.csv", [Line(11, day="2026-09-06")])])
    page.locator(".st-key-import_shop input").click()
    page.get_by_role("option", name=ZH("pages.import.shop_new")).click()
    page.locator(".st-key-import_shop_name input").fill("乙店")
    page.locator(".st-key-import_shop_name input").press("Enter")
    visitor.settle()
    imported(page)
    page.get_by_text("乙店").first.wait_for(timeout=LONG)
    page = choose(visitor, [order_file(tmp_path / "乙店订单2026-10.csv", [Line(12, day="2026-10-06")])])
    page.locator("[class*=st-key-look_]").get_by_text(ZH("pages.import.to_shop", shop="乙店")).wait_for(
        timeout=LONG
    )
    assert page.locator(".st-key-import_shop input").is_enabled()


def test_a_word_is_explained_and_past_orders_follow_without_the_tab(newcomer: Visit, tmp_path: Path) -> None:
    odd = [Line(number, "已发货", more=(("订单状态", "揽收中"),)) for number in (1, 2, 3)]
    first = newcomer(language="en", width=390)
    page = first.open("/import")
    page.wait_for_selector("input.f", state="attached")
    page.locator("input.f").set_input_files([str(order_file(tmp_path / "a.csv", odd))])
    page.locator(".st-key-import_go button").click(timeout=LONG)
    page.get_by_text(EN("pages.import.unknown"), exact=True).wait_for(timeout=LONG)
    assert page.get_by_text("揽收中").count()
    page.locator("[class*=st-key-meaning_] input").click()
    page.get_by_role("option", name=EN("ui.statuses.shipped"), exact=True).click()
    page.locator("[class*=st-key-assign_] button").click()
    page.get_by_text(EN("pages.settings.assign_queued")).first.wait_for(timeout=LONG)
    page.context.close()
    page = newcomer().open("/import")
    page.get_by_text(ZH("pages.import.assign_done", n=1, rows="0")).wait_for(timeout=LONG)
    assert page.get_by_text(ZH("pages.import.unknown"), exact=True).count() == 0
