"""Wires everything into one ASGI application: guard, own routes, the Streamlit script, background work.

Started by ``python -m shopdata serve`` (or ``streamlit run dashboard.py``); imported once, as a module.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config, file_util

from pages.ui import map_files
from pages.ui.components import register
from pages.ui.frame import NAMES
from shopdata.settings import read_settings
from shopdata.web import api
from shopdata.web.door import Door, content_policy
from shopdata.web.guard import Guard
from shopdata.web.lifespan import serving

DOOR = Door(
    address=str(config.get_option("server.address") or ""),
    policy=content_policy(Path(file_util.get_static_dir()) / "index.html"),
)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Open the store and everything that lives as long as the server."""
    async with serving(read_settings(), DOOR, register, NAMES):
        yield


app = st.App(
    "pages/navigation.py",
    lifespan=lifespan,
    routes=[*api.routes(), *map_files.routes()],
    middleware=[Middleware(Guard, door=DOOR)],
    exception_handlers=api.HANDLERS,
)
