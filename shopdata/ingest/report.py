"""What a file says about itself beside its rows: warnings, findings, when it was exported, its range."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from shopdata.ingest.cells import BEIJING
from shopdata.ingest.formats import Match, match
from shopdata.ingest.normalise import FIRST_YEAR, MOST_AHEAD
from shopdata.ingest.results import ColumnSeen, Finding, Warned
from shopdata.ingest.rules.money import fees_convention
from shopdata.ingest.rules.payments import is_gross, is_net
from shopdata.platforms import Format, header_key

__all__ = ["Seen", "columns_seen", "exported_at", "findings", "ignored", "match", "warnings"]

DAY_IN_NAME = re.compile(
    r"(?<![0-9])(20[0-9]{2})[-_.\u5e74]?([01][0-9])[-_.\u6708]?([0-3][0-9])(?=[^0-9]|[0-9]{4,6}(?![0-9])|$)"
)
MOST_WORDS = 50
MOST_SHOPS = 20
# Findings that are a count of rows and nothing else.
COUNTED = ("transit_by_word", "transit_by_province", "first_leg_waybills", "refund_inside_income")


@dataclass(slots=True)
class Seen:
    """What was counted over all pieces of a file."""

    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    shops: Counter[str] = field(default_factory=Counter)
    as_of: datetime | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None

    def look(self, format_: Format, table: pa.Table) -> None:
        """Take the times and shop names of some typed rows into account."""
        ranged = [one for one in format_.fields.values() if "range" in one.role]
        ends = [one.raw for one in ranged if one.type == "period"]
        for name in (*(one.name for one in ranged), *ends, "event_at"):
            if name not in table.column_names or not len(table):
                continue
            span = pc.min_max(table.column(name)).as_py()
            if span["max"] is None:
                continue
            if name == "event_at":
                self.as_of = max(self.as_of or span["max"], span["max"])
            else:
                self.first_at = min(self.first_at or span["min"], span["min"])
                self.last_at = max(self.last_at or span["max"], span["max"])
        if "signed_at" in table.column_names:
            self.counts["signed"] += len(table) - table.column("signed_at").null_count
        if "shop_name" in table.column_names and len(self.shops) < MOST_SHOPS:
            counted = table.column("shop_name").drop_null().value_counts().to_pylist()
            self.shops.update({one["values"]: one["counts"] for one in counted})


def warnings(seen: Seen, matched: Match, headers: Sequence[str], rows: int) -> list[Warned]:
    """Unknown words with their counts, headers nobody knows, closed orders whose payment is unknown."""
    found = []
    for (name, word), count in seen.unknown.most_common(MOST_WORDS):
        one = matched.format.fields[name]
        code = "unknown_province" if one.type in ("province", "address") else "unknown_word"
        code = "unknown_status" if name.endswith("status") else code
        found.append(Warned(code, headers[matched.found[name]], word, count))
    known = matched.format.header_keys
    found += [
        Warned("unknown_header", name, None, rows)
        for name in headers
        if header_key(name) and header_key(name) not in known
    ]
    if seen.counts["paid_unknown"]:
        found.append(Warned("paid_unknown", None, None, seen.counts["paid_unknown"]))
    return found


def findings(seen: Seen, matched: Match, rows: int) -> list[Finding]:
    """What ambiguous columns were found to mean, and on how many rows."""
    counts, format_ = seen.counts, matched.format
    found = []
    tested = counts["refund_gross"] + counts["refund_net"]
    if tested:
        gross = counts["refund_gross"] > counts["refund_net"]
        code = "refund_gross" if gross else "refund_net"
        found.append(Finding(code, counts[code], tested))
    if "_goods_amount" in matched.found:
        code = "goods_unit" if counts["goods_is_unit"] >= counts["goods_is_line"] else "goods_line"
        known = counts["goods_is_unit"] or counts["goods_is_line"] or not counts["goods_several"]
        evidence = counts["goods_is_unit" if code == "goods_unit" else "goods_is_line"]
        found.append(Finding(code if known else "goods_unclear", evidence, counts["goods_several"]))
    if counts["paid_by_status"]:
        found.append(Finding("paid_by_status", counts["paid_by_status"], rows))
    if counts["source_pending"]:
        found.append(Finding("source_pending", counts["source_pending"], rows))
    if format_.by_content:
        found.append(Finding("one_row_a_main_order", counts["several_lines"], rows))
    elif format_.by_main and "line_id" not in matched.found:
        found.append(Finding("line_numbers_made", rows, rows))
    elif format_.kind == "orders" and format_.made_key and "line_id" not in matched.found:
        found.append(Finding("item_numbers_made", rows, rows))
    found += _payments(counts, matched, rows)
    if (
        "paid_amount" in format_.rules
        and "payable_amount" in matched.found
        and "payment_discount" not in matched.found
    ):
        found.append(Finding("payment_discount_absent", rows, rows))
    found += [Finding(code, counts[code], rows) for code in COUNTED if counts[code]]
    found += [*_freight(counts), *_tabs(counts), *_sign_time(seen, matched, rows)]
    return found + _money_findings(counts, rows)


def _money_findings(counts: Counter[str], rows: int) -> list[Finding]:
    """Which sign a bill's fees have, which rows do not add up by it, and signs nobody expected."""
    found, convention = [], fees_convention(counts)
    way = {"negative": "added", "positive": "taken"}.get(convention)
    if way and counts[f"fees_{way}"]:
        found.append(Finding(f"fees_{convention}", counts[f"fees_{way}"], counts["fees_tested"]))
    elif way:
        seen = counts["fees_below"] + counts["fees_above"]
        found.append(
            Finding(f"fees_{convention}_by_sign", max(counts["fees_below"], counts["fees_above"]), seen)
        )
    elif counts["fees_tested"] or counts["fees_below"]:
        found.append(Finding("fees_unclear", counts["fees_tested"], rows))
    fitting = counts[f"sums_{way or 'taken'}"]
    if counts["sums_tested"] > fitting:
        found.append(Finding("sums_differ", counts["sums_tested"] - fitting, counts["sums_tested"]))
    for code in ("amount_signed", "amount_contradicts"):
        if counts[code]:
            found.append(Finding(code, counts[code], rows))
    return found


def _payments(counts: Counter[str], matched: Match, rows: int) -> list[Finding]:
    """What the paid amount means, and what tells the state, in exports that have no payment discount."""
    told = [
        Finding(code, counts[code], rows)
        for code in ("state_by_times", "state_untold", "buyers_masked")
        if counts[code]
    ]
    if "paid_before_refunds" not in matched.format.rules:
        return told
    if "paid_amount" not in matched.found:
        code = "list_price_only" if "unit_price" in matched.found else "paid_amount_absent"
        return [*told, Finding(code, rows, rows)]
    tested = counts["paid_tested"]
    if not tested:
        code = "paid_untestable" if counts["paid_untestable"] else "paid_untested"
        return [*told, Finding(code, 0, 0)]
    code = "paid_net" if is_net(counts) else "paid_gross" if is_gross(counts) else "paid_unclear"
    evidence = "paid_gross" if code == "paid_gross" else "paid_net"
    return [*told, Finding(code, counts[evidence], tested)]


def _freight(counts: Counter[str]) -> list[Finding]:
    """Whether the paid amount holds the freight."""
    if not counts["freight_charged"]:
        return []
    side = max(("freight_inside", "freight_outside"), key=lambda code: counts[code])
    code = side if counts[side] else "freight_unclear"
    return [Finding(code, counts[side], counts["freight_charged"])]


def _tabs(counts: Counter[str]) -> list[Finding]:
    """How many parcels' times have a meaning, and how many have none."""
    parcels, told = counts["tab_rows"], counts["tab_told"]
    told_of = {"tab_told": told, "time_meaning_unknown": parcels - told}
    return [Finding(code, number, parcels) for code, number in told_of.items() if number]


def _sign_time(seen: Seen, matched: Match, rows: int) -> list[Finding]:
    """Whether the file tells when parcels were signed for."""
    kind, signed = matched.format.kind, seen.counts["signed"]
    if ("_signed_at" if kind == "orders" else "signed_at") in matched.found or (kind == "parcels" and signed):
        return [Finding("sign_time_real", signed, rows)]
    return [Finding("sign_time_absent", rows, rows)] if kind in ("orders", "parcels") else []


def columns_seen(matched: Match, headers: Sequence[str]) -> tuple[ColumnSeen, ...]:
    """Each header with the canonical column it was read as."""
    names = {place: name.lstrip("_") for name, place in matched.found.items()}
    return tuple(ColumnSeen(header, names.get(place)) for place, header in enumerate(headers))


def exported_at(format_: Format, file_name: str, now: datetime) -> datetime | None:
    """The export's own time where the platform puts one into the file name."""
    base = re.split(r"[/\\]", file_name)[-1]
    found = re.search(format_.exported_name, base) if format_.exported_name else None
    if not found:
        return None
    try:
        if format_.exported_form == "unix":
            moment = datetime.fromtimestamp(int(found.group(1)), UTC).astimezone(BEIJING).replace(tzinfo=None)
        else:
            moment = datetime.strptime(found.group(1).replace(":", "_"), format_.exported_form)
    except ValueError:
        return None
    return moment if FIRST_YEAR <= moment <= now + MOST_AHEAD + timedelta(hours=1) else None


def day_of(file_name: str, now: datetime) -> datetime:
    """The day a file without dates speaks of: the last one in its name, else that of its import."""
    days = []
    for year, month, day in DAY_IN_NAME.findall(re.split(r"[/\\]", file_name)[-1]):
        try:
            days.append(datetime(int(year), int(month), int(day)))
        except ValueError:
            continue
    return days[-1] if days else now.replace(hour=0, minute=0, second=0, microsecond=0)


def ignored(names: Iterable[str], code: str) -> list[Warned]:
    """Sheets that were not read, and why."""
    return [Warned(code, None, name, 0) for name in names]
