"""Rules of who sold it: the parties of commission rows."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.convert import decoded
from shopdata.ingest.rules.work import Columns, Work


def party(columns: Columns, work: Work) -> None:
    """The influencer's public id, else the account name, else nobody: part of a commission's key."""
    texts = [decoded(columns[name]) for name in ("party_account", "party_name") if name in columns]
    columns["party_id"] = (
        pc.coalesce(*texts, pa.scalar("")) if texts else pa.array([""] * work.size, pa.string())
    )
