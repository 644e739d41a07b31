"""Prepare `.venv` beside this project: the pinned packages and, for the tests, a browser and Chinese fonts.

Runs on the standard library of any Python ≥ 3.11, on Linux, macOS and Windows:

    python scripts/environment.py          what the product needs
    python scripts/environment.py --tests  what tests need on top

A second run with unchanged requirements does nothing and takes a fraction of a second.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
BROWSER_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
FONT = "fonts-noto-cjk"
OURS, OURS_TO_TEST = ("shopdata", "pages"), ("tests", "bench", "scripts")


def say(sentence: str) -> None:
    """One line for the person who started the command; progress is not a result, so it goes to stderr."""
    sys.stderr.write(f"{sentence}\n")


def run(*command: str) -> None:
    """Run a command whose failure ends the set-up."""
    finished = subprocess.run(command, check=False)
    if finished.returncode:
        say(f"failed: {' '.join(command)}")
        raise SystemExit(finished.returncode)


def as_root_on_debian() -> bool:
    """Whether Debian packages can be installed by this process."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_debian(*packages: str) -> None:
    """Install Debian packages without questions."""
    say(f"installing {', '.join(packages)} …")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        finished = subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)
        if finished.returncode:
            raise SystemExit(f"failed: {' '.join(command)}")


def create() -> None:
    """Make the virtual environment; Debian ships the part of Python this needs as a package of its own."""
    if PYTHON.exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not as_root_on_debian():
            raise SystemExit(f"Python has no venv module here. Install it first: sudo apt install {package}")
        install_debian(package)
    say("creating .venv …")
    run(sys.executable, "-m", "venv", str(ENVIRONMENT))


def install(requirements: str) -> None:
    """Install a locked requirements file once; a stamp remembers its hash."""
    lock = ROOT / requirements
    stamp = ENVIRONMENT / f"{requirements}.sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"installing the packages of {requirements} …")
    quiet = ("--quiet", "--disable-pip-version-check", "--require-hashes")
    run(str(PYTHON), "-m", "pip", "install", *quiet, "-r", str(lock))
    stamp.write_text(wanted)


def compile_modules(*folders: str) -> None:
    """Keep our modules compiled: a start is then a fifth quicker, also where processes may not write beside
    them (``PYTHONDONTWRITEBYTECODE``)."""
    run(str(PYTHON), "-m", "compileall", "-q", *(str(ROOT / name) for name in folders))


def find_browser() -> str | None:
    """Path of an installed Chromium or Chrome, or ``None``. ``SHOPDATA_TEST_BROWSER`` wins."""
    named = os.environ.get("SHOPDATA_TEST_BROWSER")
    if named:
        return named
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or next((place for place in BROWSER_PLACES if Path(place).exists()), None)


def has_chinese_font() -> bool:
    """Whether pages can be looked at in Chinese; unknown systems are trusted."""
    if shutil.which("fc-list") is None:
        return not as_root_on_debian()
    listed = subprocess.run(["fc-list", ":lang=zh"], check=False, capture_output=True, text=True)
    return bool(listed.stdout.strip())


def prepare_browser() -> None:
    """Find a browser for the page tests, install one where that is possible, else say how to get one."""
    wanted = ["chromium", "chromium-driver"] if find_browser() is None else []
    if not has_chinese_font():
        wanted.append(FONT)
    if wanted and as_root_on_debian():
        install_debian(*wanted)
    if find_browser() is None:
        sentence = (
            "No Chromium or Chrome found: install one (Debian: apt install chromium) "
            "or name it in SHOPDATA_TEST_BROWSER."
        )
        if os.environ.get("CI") == "true":
            raise SystemExit(sentence)
        say(sentence + " Page tests are skipped.")


def main() -> None:
    """Prepare what the arguments ask for."""
    if sys.version_info < (3, 11):
        raise SystemExit("shopdata needs Python 3.11 or newer.")
    tests = "--tests" in sys.argv[1:]
    create()
    install("requirements-dev.txt" if tests else "requirements.txt")
    compile_modules(*OURS, *(OURS_TO_TEST if tests else ()))
    if tests:
        prepare_browser()


if __name__ == "__main__":
    main()
