"""The sample data: loaded once, by the server's first start on an empty store, into sample shops."""

from __future__ import annotations

from shopdata.web.state import Opened


def load_once(opened: Opened) -> None:
    """stub"""
