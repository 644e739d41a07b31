"""Our own browser pieces (script and style from files of this folder), registered once by the server.

Inline scripts are forbidden by the content policy, so Streamlit must know the pieces as files. Where it does
not (a page run by itself in a test) ``mount`` returns ``None`` and the page shows its plain fallback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import streamlit as st
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.errors import StreamlitAPIException
from streamlit.runtime import Runtime

PACKAGE = "shopdata"
FOLDER = Path(__file__).parent
NAMES = ("upload", "browser")


def register() -> None:
    """Tell the running Streamlit server about our pieces. Called from the server's lifespan."""
    configured = [ComponentConfig(name, "assets") for name in NAMES]
    registry = Runtime.instance().bidi_component_registry
    registry.register_from_manifest(ComponentManifest(PACKAGE, "1", configured), FOLDER)


def mount(name: str, key: str, data: Mapping[str, object], **callbacks: Callable[[], None]) -> Any | None:
    """Show the piece ``name`` with ``data``; its result, or ``None`` where the server does not know it."""
    html = (FOLDER / "assets" / f"{name}.html").read_text(encoding="utf-8")
    try:
        piece = st.components.v2.component(f"{PACKAGE}.{name}", html=html, css=f"{name}.css", js=f"{name}.js")
        return piece(key=key, data=dict(data), **cast("dict[str, Any]", callbacks))
    except StreamlitAPIException:
        return None
