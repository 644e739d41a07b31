"""What the person who started the server reads in its window, in both languages."""

from __future__ import annotations

import http.client
import sys
import threading
import time

from streamlit import config

from shopdata import link
from shopdata.errors import StoreLocked
from shopdata.settings import Settings
from shopdata.web.door import Door
from shopdata.words import LANGUAGES, words

PATIENCE = 120.0


def say(key: str, **values: object) -> None:
    """One line a language on standard error."""
    for language in LANGUAGES:
        sys.stderr.write(f"  {words(language)(f'web.announce.{key}', **values)}\n")
    sys.stderr.flush()


def _authority(address: str) -> str:
    shown = "127.0.0.1" if address in {"0.0.0.0", "::", ""} else address  # noqa: S104  (compared, not bound)
    host = f"[{shown}]" if ":" in shown else shown
    return f"{host}:{config.get_option('server.port')}"


def url(door: Door) -> str:
    """The address to open in a browser."""
    return f"http://{_authority(door.address)}"


def _wait_and_tell(door: Door) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(_authority(door.address), timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except OSError:
            time.sleep(0.05)
            continue
        finally:
            connection.close()
        if door.opens_to_this_computer:
            say("ready", url=url(door))
        else:
            say("setup", url=url(door) + door.setup.path)
        return


def when_answering(door: Door) -> None:
    """Print the address (or the set-up link) as soon as the server answers a request."""
    threading.Thread(target=_wait_and_tell, args=(door,), name="announce", daemon=True).start()


def locked(settings: Settings, fault: StoreLocked) -> None:
    """Say who holds the store: a running server by its address, anything else by what the lock knows."""
    place = link.Place.read(settings.home)
    if place is not None:
        say("already", url=place.url)
    else:
        say("locked", holder=fault.details.get("holder") or "–")
