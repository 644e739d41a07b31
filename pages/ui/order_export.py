"""Picking fields and fetching a selection of orders as a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui import download
from pages.ui.session import Page
from shopdata.orders.export import available_fields, export_name, export_orders
from shopdata.orders.fields import Grain
from shopdata.orders.filters import OrderFilter
from shopdata.orders.privacy import row_rights
from shopdata.scope import Scope
from shopdata.store import Store

USUAL = (
    "order_id",
    "status",
    "placed_at",
    "paid_at",
    "paid_amount",
    "refund_amount",
    "pay_method",
    "buyer_id",
    "products",
    "units",
    "source",
    "influencer_name",
    "province",
    "courier",
    "waybill",
)
KINDS = {".csv": "ui.download_csv", ".xlsx": "ui.download_xlsx", ".parquet": "ui.download_parquet"}


@st.fragment
def export(page: Page, scope: Scope, chosen: OrderFilter) -> None:
    """The button that opens the field picker and the links."""
    words, rights = page.words, row_rights(scope.role)
    if not rights.export:
        return
    opened = st.popover(
        words("pages.orders.export"), icon=":material/download:", key="orders_export", on_change="rerun"
    )
    if not opened.open:
        return
    with opened:
        grain: Grain = st.segmented_control(
            words("pages.orders.grain"),
            ("orders", "lines"),
            key="export_grain",
            format_func=lambda one: words(f"pages.orders.grains.{one}"),
            required=True,
            default="orders",
        )
        fields = _fields(page, scope) if grain == "orders" else ()
        reveal = rights.buyers and st.checkbox(words("pages.orders.reveal"), key="export_reveal")
        st.caption(words("pages.orders.export_note"))
        with st.container(key="export_links", horizontal=True):
            for suffix, label in KINDS.items():
                name = export_name(page.now, suffix, words.language)
                make = partial(
                    _write, page.store, scope, chosen, suffix, fields, grain, bool(reveal), words.language
                )
                download.link(page, words(label), make, name)


def _fields(page: Page, scope: Scope) -> tuple[str, ...]:
    """Which columns of orders the file is to have."""
    words, available = page.words, page.ask(available_fields, scope, "orders")
    st.session_state.setdefault("export_fields", [key for key in USUAL if key in available])
    chosen = st.multiselect(
        words("pages.orders.fields"),
        available,
        key="export_fields",
        format_func=lambda key: words(f"orders.fields.{key}"),
        placeholder=words("ui.all"),
        select_all=False,
    )
    return tuple(chosen)


def _write(
    store: Store,
    scope: Scope,
    chosen: OrderFilter,
    suffix: str,
    fields: tuple[str, ...],
    grain: Grain,
    reveal: bool,
    language: str,
    path: Path,
) -> None:
    """Write the export beside ``path``, whose name says nothing of its kind, and put it in its place."""
    written = path.with_name(path.name + suffix)
    export_orders(store, scope, chosen, written, fields=fields, grain=grain, reveal=reveal, language=language)
    written.replace(path)
