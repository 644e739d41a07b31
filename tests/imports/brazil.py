"""Orders of an invented shop in another country, in the shape its marketplace publishes, and their figures.

The figures are computed in plain Python from the rows, by the definitions, knowing nothing of the product.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

HEADERS = (
    "order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
    "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date",
    "customer_city", "customer_state", "price", "freight_value",
)  # fmt: skip
STATUSES = {
    "delivered": 0.9, "shipped": 0.03, "canceled": 0.02, "unavailable": 0.015, "invoiced": 0.01,
    "processing": 0.01, "created": 0.008, "approved": 0.007,
}  # fmt: skip
STATES = {
    "SP": ("sao paulo", "campinas"), "RJ": ("rio de janeiro", "niteroi"), "MG": ("belo horizonte",),
    "RS": ("porto alegre",), "PR": ("curitiba",), "SC": ("florianopolis",), "BA": ("salvador",),
    "PE": ("recife",), "GO": ("goiania",), "HE": ("lugar nenhum",),
}  # fmt: skip
START = datetime(2026, 6, 1)
Row = dict[str, str]


def rows(count: int = 2000, seed: int = 7) -> list[Row]:
    """Invented orders: most delivered, some on their way, some never paid."""
    dice = random.Random(seed)  # noqa: S311  (data, not a secret)
    return [_row(dice) for _ in range(count)]


def _row(dice: random.Random) -> Row:
    status = dice.choices(list(STATUSES), weights=list(STATUSES.values()))[0]
    state = dice.choice(list(STATES))
    placed = START + timedelta(seconds=dice.randrange(120 * 86_400))
    approved = placed + timedelta(seconds=dice.randrange(60, 86_400))
    carried = approved + timedelta(seconds=dice.randrange(3_600, 5 * 86_400))
    arrived = carried + timedelta(seconds=dice.randrange(86_400, 20 * 86_400))
    paid = status not in ("created", "canceled") or (status == "canceled" and dice.random() < 0.5)
    return {
        "order_id": f"{dice.getrandbits(128):032x}",
        "customer_id": f"{dice.getrandbits(128):032x}",
        "order_status": status,
        "order_purchase_timestamp": f"{placed}",
        "order_approved_at": f"{approved}" if paid else "",
        "order_delivered_carrier_date": f"{carried}" if status in ("delivered", "shipped") else "",
        "order_delivered_customer_date": f"{arrived}" if status == "delivered" else "",
        "order_estimated_delivery_date": f"{placed.date() + timedelta(days=25)} 00:00:00",
        "customer_city": dice.choice(STATES[state]),
        "customer_state": state,
        "price": f"{dice.randrange(1_000, 40_000) / 100:.2f}",
        "freight_value": f"{dice.randrange(500, 6_000) / 100:.2f}",
    }


def csv_text(made: Sequence[Row], headers: Sequence[str] = HEADERS) -> str:
    """The rows as the marketplace writes them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, headers, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(made)
    return out.getvalue()


def _hours(row: Row) -> float:
    ends = (row["order_delivered_carrier_date"], row["order_delivered_customer_date"])
    start, end = (datetime.fromisoformat(text) for text in ends)
    return (end - start).total_seconds() / 3600


def _quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie, interpolated between neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def figures(made: Sequence[Row]) -> dict[str, float]:
    """Orders, paid orders, pay rate, paid amount in cents, hours from carrier to customer."""
    paid = [row for row in made if row["order_approved_at"]]
    hours = [_hours(row) for row in made if row["order_delivered_customer_date"]]
    cents = sum(round(100 * (float(row["price"]) + float(row["freight_value"]))) for row in paid)
    return {
        "orders_placed": len(made),
        "orders_paid": len(paid),
        "pay_rate": len(paid) / len(made),
        "paid_amount": cents,
        "orders_signed": len(hours),
        "ship_to_sign_hours_p50": _quantile(hours, 0.5),
        "ship_to_sign_hours_p90": _quantile(hours, 0.9),
        "ship_to_sign_hours_n": len(hours),
    }


def by_state(made: Sequence[Row]) -> dict[str, dict[str, float]]:
    """The same by state."""
    counted = Counter(row["customer_state"] for row in made)
    return {state: figures([row for row in made if row["customer_state"] == state]) for state in counted}
