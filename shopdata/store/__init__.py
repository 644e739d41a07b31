"""The store: what is kept, how newest states win, how it is opened, checked and saved.

``open_store`` is the door. Nothing here reads files of a platform (``ingest``) or computes a figure
(``metrics``).
"""

from __future__ import annotations

from shopdata.store import closing_tables, upkeep_tables
from shopdata.store.backup import backup, restore
from shopdata.store.database import Store, open_store
from shopdata.store.doctor import doctor

__all__ = ["Store", "backup", "closing_tables", "doctor", "open_store", "restore", "upkeep_tables"]
