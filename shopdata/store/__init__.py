"""The store: what is kept, how newest states win, how it is opened, checked and saved.

``open_store`` is the door. Nothing here reads files of a platform (``ingest``) or computes a figure
(``metrics``).
"""

from __future__ import annotations

from shopdata.store.database import Store, open_store

__all__ = ["Store", "open_store"]
