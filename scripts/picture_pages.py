"""Pictures of every page over the sample data: 1280 and 390 px wide, light and dark, Chinese and English.

``python -m scripts.picture_pages build/pages``; with ``--readme docs/pictures`` only the two of the README.
The server is its own, on a free loopback port with a home of its own, and ends with it.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from pages.ui.frame import NAMES
from scripts.environment import ROOT, find_browser

NOW = "2026-11-23T00:05:00"  # the sample ends the day before; two runs make the same pictures
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
LOCALES = {"zh": "zh-CN", "en": "en-US"}
DRESSES = tuple(product((1280, 390), ("light", "dark"), LOCALES))
README = "overview-1280-light-"
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"
SCREEN, TALLEST, README_TALLEST, PATIENCE = 900, 6000, 1250, 180.0


@contextmanager
def serving() -> Iterator[str]:
    """A server with the sample data in a temporary home; gives its address once the sample is loaded."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHOPDATA_")}
    command = [sys.executable, "-m", "shopdata", "serve", "--port", str(port)]
    with tempfile.TemporaryDirectory(prefix="shopdata-pictures-") as folder:
        environment = clean | {"SHOPDATA_HOME": f"{folder}/home", "SHOPDATA_NOW": NOW}
        printed = Path(folder) / "server.log"
        with printed.open("wb") as log:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            until = time.monotonic() + PATIENCE
            while "http://" not in printed.read_text(encoding="utf-8"):
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemExit(printed.read_text(encoding="utf-8"))
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(60)


def picture(browser: Browser, url: str, file: Path, dress: tuple[int, str, str], tallest: int) -> None:
    """One page in one dress, down to its end or to ``tallest`` pixels."""
    width, theme, language = dress
    size, locale = {"width": width, "height": SCREEN}, LOCALES[language]
    context = browser.new_context(viewport=size, locale=locale, color_scheme=theme)
    page = context.new_page()
    page.goto(url)
    for _ in range(2):
        page.wait_for_selector(DONE, timeout=60_000)
        page.wait_for_timeout(700)
        height = min(max(SCREEN, int(page.evaluate(HEIGHT))), tallest)
        page.set_viewport_size({"width": width, "height": height})
    page.wait_for_selector("h1")
    page.screenshot(path=file)
    context.close()


def main() -> None:
    """Picture what the arguments ask for."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("out", type=Path, help="folder for the pictures")
    arguments.add_argument("--readme", action="store_true", help="only the upper part of the overview")
    asked = arguments.parse_args()
    tallest = README_TALLEST if asked.readme else TALLEST
    asked.out.mkdir(parents=True, exist_ok=True)
    if (chosen := find_browser()) is None:
        raise SystemExit("No Chromium or Chrome found; see scripts/environment.py.")
    with serving() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen, args=FLAGS.split())
        for (width, theme, language), name in product(DRESSES, NAMES):
            stem = f"{name}-{width}-{theme}-{language}"
            if asked.readme and not stem.startswith(README):
                continue
            file = asked.out / (f"{name}-{language}.png" if asked.readme else f"{stem}.png")
            picture(browser, f"{base}/{name}", file, (width, theme, language), tallest)
        browser.close()


if __name__ == "__main__":
    main()
