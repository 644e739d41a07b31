"""A click on the overview until its new figures stand, against a bare Streamlit page of as many charts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.measure import ROOT, Result
from scripts.environment import find_browser

CLICKS = 6
CARDS, CHARTS = 12, 2
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
BARE = f"""
import plotly.graph_objects as go
import streamlit as st
days = st.segmented_control("days", ["1", "2", "7", "30", "90"], default="30") or "30"
columns = st.columns(4)
for card in range({CARDS}):
    columns[card % 4].metric("card", card * int(days), chart_data=list(range(int(days))), border=True)
for chart in range({CHARTS}):
    bars = [go.Bar(y=list(range(int(days))), name=str(one)) for one in range(6)]
    st.plotly_chart(go.Figure(bars), key=str(chart))
"""
MAIN = "[data-testid=stMain]"
# A fast page never shows that it runs, so its end is told by new figures on a page that does not run.
NEW_FIGURES = f"""before => {{
  const app = document.querySelector("[data-testid=stApp]")
  return app.getAttribute("data-test-script-state") === "notRunning"
    && document.querySelector("{MAIN}").innerText !== before
}}"""
FIRST_SECONDS = 240
QUIET = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"


def measure(place: Path) -> list[Result]:
    """Seconds a click takes on both pages, the fastest of some."""
    script = place / "bare.py"
    script.write_text(BARE, encoding="utf-8")
    flags = ("--server.headless=true", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none")
    with _serving(place, "-m", "shopdata", "serve", "--port") as url:
        ours = _click_seconds(f"{url}/overview")
    with _serving(place, "-m", "streamlit", "run", str(script), *flags, "--server.port") as url:
        bare = _click_seconds(url)
    what = "click to new figures, overview of the sample"
    return [Result(what, f"bare Streamlit page, {CARDS} cards, {CHARTS} charts", ours, bare, at_most=1.3)]


@contextmanager
def _serving(place: Path, *command: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"SHOPDATA_HOME": str(place / "browse-home")}
    with subprocess.Popen(
        [sys.executable, *command, str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait(url: str, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  (a loopback address of our own)
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"no answer from {url}")


def _click_seconds(url: str) -> float:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_browser(), args=QUIET.split())
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        until = time.monotonic() + FIRST_SECONDS
        while not page.locator(".js-plotly-plot").count():  # a first start loads its sample meanwhile
            if time.monotonic() > until:
                raise TimeoutError(f"no chart on {url}")
            page.goto(url)
            page.wait_for_selector(READY, timeout=60_000)
            page.wait_for_timeout(3000)
        spent = [_click(page, number) for number in range(CLICKS)]
        browser.close()
    return min(spent)


def _click(page: Page, number: int) -> float:
    """Click 7 or 30 days by turns and wait until other figures stand."""
    before = page.locator(MAIN).inner_text()
    started = time.perf_counter()
    page.locator(f"{MAIN} [data-testid=stButtonGroup] button").nth(2 + number % 2).click()
    page.wait_for_function(NEW_FIGURES, arg=before, timeout=30_000)
    return time.perf_counter() - started
