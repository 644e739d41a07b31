"""Every rule there is: one module a family, which declares ``RULES``."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from shopdata.abnormal.definition import Rule
from shopdata.abnormal.rules import (
    aftersales,
    brushing,
    buyers,
    checks,
    claims,
    commissions,
    money,
    parcels,
    prices,
    shifts,
    shipping,
    surges,
    unpaid,
)

FAMILIES = (
    shipping,
    unpaid,
    aftersales,
    parcels,
    checks,
    prices,
    commissions,
    money,
    buyers,
    claims,
    brushing,
    surges,
    shifts,
)
RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.key: rule for rule in chain.from_iterable(family.RULES for family in FAMILIES)}
)
