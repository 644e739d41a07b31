"""What a shop keeps itself or takes from boards: traffic, live sessions, stock, costs, ads, targets …

Rows of these tables speak of no order. Their key ``entry`` is made of what tells them apart (``made_key`` of
the format); of two states of an entry the one uploaded later counts. ``day`` is a day or the hour it began;
``last_day`` is set where a row speaks of several days, and such a row belongs to no single one of them.
Money is fen, rates are shares 0-1, counts of people or clicks are as the board shows them.
"""

from __future__ import annotations

from shopdata.store.schema import FIGURE, MOMENT, MONEY, TALLY, TEXT, Columns, Entity, define

_DAY: Columns = (("day", MOMENT), ("last_day", MOMENT), ("shop_name", TEXT))
_ACCOUNT: Columns = (("account_id", TEXT), ("account_name", TEXT), ("room_id", TEXT), ("room_name", TEXT))
_PERSON: Columns = (("influencer_id", TEXT), ("influencer_name", TEXT))
_PRODUCT: Columns = (("product_id", TEXT), ("product_name", TEXT))
_SEEN: Columns = (
    ("exposures", TALLY), ("exposed_people", TALLY), ("visitors", TALLY), ("views", TALLY), ("clicks", TALLY),
    ("click_people", TALLY),
)  # fmt: skip
_SOLD: Columns = (("orders", TALLY), ("buyers", TALLY), ("units", TALLY), ("amount", MONEY))


def _own(name: str, time: str, *groups: Columns) -> Entity:
    return define(Entity(name, name, ("entry",), time, tuple(one for group in groups for one in group)))


# One row a day (or live session) and source. ``source`` is ``all`` where the row does not split by source;
# people of several sources must not be added up.
TRAFFIC = _own(
    "traffic", "day", _DAY, (("source", TEXT), ("source_raw", TEXT), ("channel", TEXT)), _ACCOUNT, _PRODUCT,
    _SEEN, _SOLD,
)  # fmt: skip

# One row a live session; figures are of the whole session.
LIVE_SESSIONS = _own(
    "live_sessions",
    "started_at",
    (("started_at", MOMENT), ("ended_at", MOMENT), ("shop_name", TEXT), ("title", TEXT)),
    _ACCOUNT,
    _PERSON,
    (("peak_viewers", TALLY), ("average_viewers", TALLY), ("new_followers", TALLY)),
    _SEEN,
    _SOLD,
    (("refund_amount", MONEY), ("ad_spend", MONEY)),
)

# One row a SKU, warehouse and snapshot; the latest snapshot is today's stock, older ones are its history.
STOCK = _own(
    "stock",
    "snapshot_at",
    (("snapshot_at", MOMENT), ("shop_name", TEXT), ("sku_code", TEXT)),
    _PRODUCT,
    (("product_spec", TEXT), ("warehouse", TEXT), ("on_hand", TALLY), ("available", TALLY)),
    (("reserved", TALLY), ("in_transit", TALLY), ("lead_days", FIGURE), ("safety_stock", TALLY)),
)

# One row a cost. ``goods`` and ``packaging`` are per piece and hold from ``from_day`` until the next row of
# the same piece; ``slot_fee`` (an influencer's fixed fee), ``sample`` and ``other`` are sums of their day or
# days, ``storage`` of its month.
COSTS = _own(
    "costs",
    "from_day",
    (("kind", TEXT), ("kind_raw", TEXT), ("from_day", MOMENT), ("last_day", MOMENT), ("shop_name", TEXT)),
    (("sku_code", TEXT), *_PRODUCT, ("product_spec", TEXT), *_PERSON, ("warehouse", TEXT)),
    (("amount", MONEY), ("quantity", TALLY), ("note", TEXT)),
)

# One row a day (or hour) and what ``grain`` names, e.g. ``account+plan``; an empty grain is the shop's whole
# day. Reports of different grains or scopes (``promoted``: whoever advertised for the shop; ``bound``: the
# shop's own accounts) tell the same spend again: never add them up.
ADS = _own(
    "ads",
    "day",
    (*_DAY, ("hour", TEXT), ("grain", TEXT), ("scope", TEXT), ("scope_raw", TEXT), ("ad_platform", TEXT)),
    _ACCOUNT,
    _PERSON,
    (("plan_id", TEXT), ("plan_name", TEXT), ("creative_id", TEXT), ("goal", TEXT)),
    _PRODUCT,
    (("spend", MONEY), ("exposures", TALLY), ("clicks", TALLY), ("orders", TALLY), ("amount", MONEY)),
    (("net_amount", MONEY),),
)

# One row a host's turn in a room; planned turns lie in the future.
HOST_SHIFTS = _own(
    "host_shifts",
    "started_at",
    (("host", TEXT), ("started_at", MOMENT), ("ended_at", MOMENT), ("shop_name", TEXT)),
    (*_ACCOUNT, ("role", TEXT), ("note", TEXT)),
)

# One row an agreement: ``rate`` to the influencer, ``service_rate`` to the leader; an empty influencer,
# product or plan means any.
AGREED_RATES = _own(
    "agreed_rates",
    "from_day",
    (*_PERSON, *_PRODUCT, ("plan", TEXT), ("from_day", MOMENT), ("last_day", MOMENT), ("shop_name", TEXT)),
    (("rate", FIGURE), ("service_rate", FIGURE), ("fixed_fee", MONEY), ("note", TEXT)),
)

# One row a month and metric (keys of the catalogue): ``amount`` where the metric is money, else ``number``.
TARGETS = _own(
    "targets",
    "month",
    (("month", MOMENT), ("metric", TEXT), ("metric_raw", TEXT), ("shop_name", TEXT)),
    (("owner", TEXT), ("amount", MONEY), ("number", FIGURE), ("note", TEXT)),
)

# One row a day (and content type) as the platform's own board shows it; only compared with, never added to,
# ours.
COMPASS_DAILY = _own(
    "compass_daily",
    "day",
    (*_DAY, ("source", TEXT), ("source_raw", TEXT), ("account_type", TEXT)),
    (("paid_amount", MONEY), ("orders", TALLY), ("buyers", TALLY), ("units", TALLY)),
    (
        ("refund_amount", MONEY),
        ("refund_amount_paid", MONEY),
        ("refund_orders", TALLY),
        ("refund_buyers", TALLY),
        ("settled_amount", MONEY),
    ),
    _SEEN,
)

# One row a day and industry of a public index; ``value`` has whatever unit the index has.
BENCHMARK = _own(
    "benchmark",
    "day",
    (*_DAY, ("industry", TEXT), ("metric", TEXT), ("value", FIGURE), ("note", TEXT)),
)

OWN = (
    TRAFFIC, LIVE_SESSIONS, STOCK, COSTS, ADS, HOST_SHIFTS, AGREED_RATES, TARGETS, COMPASS_DAILY, BENCHMARK,
)  # fmt: skip
