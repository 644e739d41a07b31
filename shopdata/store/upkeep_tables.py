"""Tables of looking after the store: files taken from watched folders, what was erased, backups made.

None of them is a source of figures; those are in ``tables``.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, Table

from shopdata.store.schema import FLAG, MOMENT, TEXT, metadata

watched = Table(
    "watched",
    metadata,
    Column("folder", TEXT, nullable=False),
    Column("sha256", TEXT, nullable=False, comment="of a file taken from there: never taken again"),
    Column("file_name", TEXT),
    Column("seen_at", MOMENT),
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("user", TEXT),
    Column("before", Date, nullable=False, comment="what was imported before this day was erased"),
    Column("document", TEXT, comment="JSON: counts, files removed, what the search for remains found"),
)

erased_buyers = Table(
    "erased_buyers",
    metadata,
    Column("shop_id", Integer, nullable=False),
    Column("order_id", TEXT, nullable=False),
    Column("buyer_hash", TEXT, nullable=False, comment="keyed hash of the erased receiver, for counting"),
    Column("steady", FLAG, comment="receiver and phone stood there in full, so the hash tells a person"),
)

backups = Table(
    "backups",
    metadata,
    Column("path", TEXT, nullable=False),
    Column("sha256", TEXT, nullable=False),
    Column("made_at", MOMENT, nullable=False),
)
