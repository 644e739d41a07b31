"""Influencers side by side: money, refunds with what is certain of them, commission, and who is new or lost.

Of the orders paid in the period. Refunds are judged on more: on the matured orders paid in the 180 days
that end with the period, their rate drawn towards the shop's own (``shrinkage``). The ranking is by what
surely stays of a yuan paid: ``left_low = (1 − upper bound of the shrunk refund rate) × (1 − estimated
commission rate)``; who has no commission in the files is not ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from shopdata.analysis.influencer_refunds import judged_orders, refund_groups
from shopdata.analysis.partners import (
    COMMISSIONS,
    Cell,
    Cells,
    Partner,
    by_partner,
    covered,
    read_cells,
    read_partners,
    read_together,
)
from shopdata.analysis.shrinkage import Shrunk, shrunk, strength
from shopdata.metrics.cache import remembered
from shopdata.metrics.context import frame_of
from shopdata.metrics.dimensions import INFLUENCER, OWN, UNKNOWN
from shopdata.metrics.frame import Frame, Reads
from shopdata.metrics.partners import estimates_known
from shopdata.metrics.values import Value
from shopdata.scope import Scope

TOP, ENOUGH = 5, 30


@dataclass(frozen=True, slots=True)
class Standing:
    """An influencer in the period.

    ``cost``: commission settled and still to settle. ``after_commission``: ``net_amount − cost``.
    ``per_yuan``: ``net_amount ÷ cost``. ``left`` and ``left_low``: share of a yuan paid that stays after
    refunds and commission, expected and at least. ``turn``: ``new`` (first paid order in the data), ``back``
    or ``kept`` against the period before, ``None`` where the data does not reach back. ``rank`` from 1.
    """

    partner: Partner
    shops: tuple[int, ...]
    values: Mapping[str, Value]
    shrunk: Shrunk | None
    turn: str | None
    key: str
    rank: int | None = None

    @property
    def cost(self) -> Value:
        """Commission settled and still to settle, in fen."""
        return _sum(self.values["commission_settled"], self.values["commission_unsettled"])

    @property
    def after_commission(self) -> Value:
        """Money that stays, in fen."""
        net, cost = self.values["net_amount"], self.cost
        return None if net is None or cost is None else net - cost

    @property
    def per_yuan(self) -> float | None:
        """Yuan after refunds for each yuan of commission."""
        net, cost = self.values["net_amount"], self.cost
        return net / cost if net is not None and cost else None

    @property
    def left(self) -> float | None:
        """What stays of a yuan paid, as expected."""
        return self._left(self.shrunk.value) if self.shrunk else None

    @property
    def left_low(self) -> float | None:
        """What stays of a yuan paid, at least."""
        return self._left(self.shrunk.high) if self.shrunk else None

    def _left(self, refunded: float) -> float | None:
        rate = self.values["commission_rate_estimated"]
        return (1 - refunded) * (1 - rate) if rate else None

    @property
    def without_commission(self) -> bool:
        """Whether commission files that tell of every line tell of none here: an own account, perhaps."""
        return self.values["commission_estimated"] == 0 and (self.values["orders_paid"] or 0) >= ENOUGH


@dataclass(frozen=True, slots=True)
class Lost:
    """Who sold in the period before and not in this one, with what they sold then."""

    partner: Partner
    orders_paid: int
    paid_amount: Value


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From paid to settled, over influencers' lines in shops whose commission files hold every paid line.

    ``paid − refunds = net``; the layers of a stage add up to it; ``estimated = settled + unsettled + gone``,
    where ``gone`` is what will not be settled (refunds) and what was settled otherwise than estimated.
    ``left_out``: names of shops without estimates.
    """

    paid: int
    refunds: Value
    stages: Mapping[str, Value]
    left_out: tuple[str, ...]

    @property
    def net(self) -> Value:
        """Paid after refunds."""
        return None if self.refunds is None else self.paid - self.refunds

    @property
    def gone(self) -> Value:
        """Estimated, neither settled nor still to settle."""
        settled = _sum(self.stages["commission_settled"], self.stages["commission_unsettled"])
        estimated = self.stages["commission_estimated"]
        return None if settled is None or estimated is None else estimated - settled


@dataclass(frozen=True, slots=True)
class Influencers:
    """The comparison. ``own``: lines of the shop's own accounts; ``total``: all influencers together;
    ``sold``: fen paid for the lines of everybody. ``prior``: orders the prior is worth; ``judged_from``:
    first day of the orders refunds are judged on (``None``: all days); ``reaches_back``: whether new and lost
    can be told."""

    scope: Scope
    data_up_to: datetime | None
    currency: str | None
    rows: tuple[Standing, ...]
    own: Mapping[str, Value]
    total: Mapping[str, Value]
    sold: Value
    waterfall: Waterfall | None
    lost: tuple[Lost, ...]
    reaches_back: bool
    prior: float
    judged_from: date | None
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def top_share(self) -> float | None:
        """The part the five largest have of what influencers sold."""
        amounts = sorted((row.values["paid_amount"] or 0 for row in self.rows), reverse=True)
        whole = sum(amounts)
        return sum(amounts[:TOP]) / whole if whole and self.currency else None

    def row(self, key: str) -> Standing | None:
        """The influencer with this key."""
        return next((row for row in self.rows if row.key == key), None)


def influencers(store: Reads, scope: Scope) -> Influencers:
    """The influencers who sold orders paid in the period."""
    asked = replace(scope, basis="paid")
    return remembered(store, ("influencers", asked), lambda: _read(store, asked))


def _read(store: Reads, scope: Scope) -> Influencers:
    frame = frame_of(store, scope)
    cells, partners = read_cells(store, frame, scope), read_partners(store, frame)
    grouped = by_partner(cells, partners)
    judged = judged_orders(scope)
    groups = refund_groups(read_cells(store, frame, judged, keys=("refund_rate",)), partners)
    prior = strength(tuple(groups.values()))
    before, reaches = _before(store, frame, scope, grouped)
    keys = _keys(grouped)
    rows = [
        _standing(
            cells,
            one,
            found,
            shrunk(group, prior) if (group := groups.get(one)) else None,
            _turn(one, found, scope, before) if reaches else None,
            keys[one],
        )
        for one, found in grouped.items()
    ]
    theirs = [cell for found in grouped.values() for cell in found]
    together = read_together(store, frame, scope)
    return Influencers(
        scope=scope,
        data_up_to=frame.data_up_to,
        currency=frame.currency,
        rows=_ranked(rows),
        own=together.values(cell for cell in together.sums if cell[1] == OWN),
        total=together.values(cell for cell in together.sums if cell[1] == INFLUENCER),
        sold=together.values(together.sums)["paid_amount"],
        waterfall=_waterfall(frame, cells, theirs),
        lost=_lost(cells, before, grouped, partners) if reaches else (),
        reaches_back=reaches,
        prior=prior,
        judged_from=judged.start,
        missing={shop.name: "commissions" for shop in frame.shops if "commissions" not in shop.columns},
    )


def _keys(grouped: Iterable[Partner]) -> dict[Partner, str]:
    """Keys as documents spell them; where two people have the same, their platform and kind stand before."""
    every = tuple(grouped)
    texts = [one.key for one in every]
    return {one: one.key if texts.count(one.key) == 1 else f"{one.platform}|{one.code}" for one in every}


def _standing(
    cells: Cells, one: Partner, found: tuple[Cell, ...], rate: Shrunk | None, turn: str | None, key: str
) -> Standing:
    values = cells.values(found)
    return Standing(one, tuple(sorted({cell[0] for cell in found})), values, rate, turn, key)


def _ranked(rows: Sequence[Standing]) -> tuple[Standing, ...]:
    """Largest sum paid first; ranks by ``left_low`` among those with matured orders."""
    judged = [row for row in rows if row.left_low is not None and row.shrunk and row.shrunk.n]
    places = {
        row.key: place
        for place, row in enumerate(sorted(judged, key=lambda row: -(row.left_low or 0)), start=1)
    }
    ordered = sorted(rows, key=lambda row: (-(row.values["paid_amount"] or 0), row.key))
    return tuple(replace(row, rank=places.get(row.key)) for row in ordered)


def _before(
    store: Reads, frame: Frame, scope: Scope, grouped: Mapping[Partner, Sequence[Cell]]
) -> tuple[Cells | None, bool]:
    """The period before, where order files of every shop with influencers cover it."""
    if scope.days is None:
        return None, False
    earlier = scope.moved(-scope.days)
    cells = read_cells(store, frame, earlier, keys=("orders_paid", "paid_amount"))
    shops = {cell[0] for found in grouped.values() for cell in found}
    shops |= {cell[0] for cell in cells.sums if cell[1] == INFLUENCER}
    return cells, covered(frame, shops, earlier)


def _turn(one: Partner, found: Sequence[Cell], scope: Scope, before: Cells | None) -> str | None:
    if before is None or scope.start is None or one.code == UNKNOWN or one.by_commissions:
        return None
    if any((cell[0], cell[1], cell[2], None) in before.sums for cell in found):
        return "kept"
    if one.first_paid is None:
        return None
    return "new" if one.first_paid.date() >= scope.start else "back"


def _lost(
    cells: Cells,
    before: Cells | None,
    grouped: Mapping[Partner, Sequence[Cell]],
    partners: Mapping[tuple[int, str], Partner],
) -> tuple[Lost, ...]:
    if before is None:
        return ()
    here = {(one.platform, one.code) for one in grouped}
    gone = {
        one: found
        for one, found in by_partner(before, partners).items()
        if (one.platform, one.code) not in here and one.code != UNKNOWN and not one.by_commissions
    }
    values = {one: before.values(found) for one, found in gone.items()}
    lost = [Lost(one, int(values[one]["orders_paid"] or 0), values[one]["paid_amount"]) for one in gone]
    return tuple(sorted(lost, key=lambda one: -(one.paid_amount or 0)))


def _waterfall(frame: Frame, cells: Cells, theirs: Sequence[Cell]) -> Waterfall | None:
    known = {shop.id for shop in frame.shops if estimates_known(shop)}
    named = {shop.id: shop.name for shop in frame.shops}
    inside = [cell for cell in theirs if cell[0] in known]
    values = cells.values(inside)
    if not inside or values["paid_amount"] is None:
        return None
    left_out = tuple(named[shop] for shop in sorted({cell[0] for cell in theirs} - known))
    stages = {key: values[key] for key in COMMISSIONS}
    return Waterfall(int(values["paid_amount"]), values["refund_amount"], stages, left_out)


def _sum(first: Value, second: Value) -> Value:
    return None if first is None or second is None else first + second
