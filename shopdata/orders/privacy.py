"""What a role may see of single orders, and how buyer data looks to those who may not see it.

Figures are not restricted here; this is about rows: one order, one buyer, one address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import BigInteger

from shopdata.errors import NotAllowed
from shopdata.store.tables import ENTITIES

Part = Literal["all", "aftersales", "to_ship"]


@dataclass(frozen=True, slots=True)
class RowRights:
    """A role's view of order rows: none at all, which part, with money, with buyers as exported."""

    rows: bool = True
    part: Part = "all"
    money: bool = True
    buyers: bool = False
    export: bool = False
    marks: bool = False


ROW_RIGHTS = {
    "owner": RowRights(buyers=True, export=True, marks=True),
    "operator": RowRights(export=True, marks=True),
    "viewer": RowRights(rows=False),
    "after_sales": RowRights(part="aftersales", buyers=True, marks=True),
    "shipping": RowRights(part="to_ship", money=False, buyers=True, export=True, marks=True),
}

PERSONAL = frozenset({"receiver", "phone", "address", "street", "buyer_id", "buyer_note", "seller_note"})
MONEY = frozenset(name for entity in ENTITIES.values() for name, kind in entity.columns if kind is BigInteger)

_LONG_NUMBER = re.compile(r"\d{5,}")
HIDDEN = "***"


def row_rights(role: str) -> RowRights:
    """The rights of ``role``; raises ``NotAllowed`` for a role that sees no order rows, or no known role."""
    rights = ROW_RIGHTS.get(role, RowRights(rows=False))
    if not rights.rows:
        raise NotAllowed(role=role)
    return rights


def may_export(role: str) -> bool:
    """Whether a role takes order rows away as files."""
    rights = ROW_RIGHTS.get(role)
    return rights is not None and rights.rows and rights.export


def masked(column: str, value: str | None) -> str | None:
    """The value as one sees it who may not see buyers: a first letter, the ends of a number, or nothing.

    Remarks stay readable, but numbers of five digits and more in them are hidden.
    """
    if not value or column not in PERSONAL:
        return value
    if column in ("buyer_note", "seller_note"):
        return _LONG_NUMBER.sub(HIDDEN, value)
    if column in ("address", "street"):
        return HIDDEN
    if column == "phone":
        return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 and value.isdigit() else HIDDEN
    return value[0] + HIDDEN
