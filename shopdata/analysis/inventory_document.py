"""The document of ``inventory --json``: the stock, what matched nothing, and what a promotion needs."""

from __future__ import annotations

from typing import Any

from shopdata.analysis.daily_demand import Sold
from shopdata.analysis.inventory import Inventory, StockRow
from shopdata.analysis.promotion_calendar import label_of
from shopdata.analysis.promotion_stock import Need, Prepared
from shopdata.analysis.promotion_uplift import PastEvent, Uplift
from shopdata.words import Words


def document(
    found: Inventory, prepared: Prepared | None, events: tuple[PastEvent, ...], spoken: Words
) -> Any:
    """``{data_up_to, currency, rows, total}``, what matched nothing, the next promotion and the past ones.
    Without any stock table the rows are empty and the notes say so."""
    terms = found.terms
    return {
        "data_up_to": found.data_up_to and found.data_up_to.isoformat(),
        "currency": found.currency,
        "history_days": terms.history,
        "rows": [_row(row) for row in found.rows],
        "total": {
            "stock": sum(row.stock for row in found.rows),
            "in_transit": sum(row.item.coming for row in found.rows),
            "units": sum(row.units for row in found.rows),
            "should_order": sum(row.should_order for row in found.rows),
            "dead": sum(row.is_dead is True for row in found.rows),
            "articles": len(found.rows),
        }
        if found.has_stock
        else {},
        "unmatched_stock": [_row(row) for row in found.unmatched],
        "unmatched_sold": [_left(one, units) for one, units in found.unmatched_sold],
        "shops_without_stock": list(found.without),
        "promotion": prepared and _prepared(prepared, spoken),
        "past_promotions": [_event(one, spoken) for one in events],
        "missing": {} if found.has_stock else {"rows": "stock"},
        "notes": list(notes(found, spoken)),
    }


def notes(found: Inventory, spoken: Words) -> tuple[str, ...]:
    """What a reader must know of the figures, in sentences."""
    if not found.has_stock:
        return (spoken("ui.upload_first", file=spoken("ui.kinds.stock")),)
    said = [spoken("analysis.inventory.method", days=found.terms.history)]
    if found.unmatched:
        said.append(spoken("analysis.inventory.unmatched", n=len(found.unmatched)))
    if found.unmatched_sold:
        units = sum(units for _, units in found.unmatched_sold)
        said.append(spoken("analysis.inventory.unmatched_sold", n=len(found.unmatched_sold), units=units))
    if found.without:
        said.append(spoken("analysis.inventory.shops_without", n=len(found.without)))
    return tuple(said)


def _row(row: StockRow) -> dict[str, Any]:
    return {
        "key": f"{row.item.shop}|{row.item.code}",
        "label": row.name,
        "sku_code": row.item.key[0],
        "counted_at": row.item.counted_at.isoformat(),
        "stock": row.stock,
        "in_transit": row.item.coming,
        "units": row.units,
        "days": row.days,
        "units_per_day": row.per_day,
        "unshipped_units": row.owed,
        "last_sold": row.last_sold and row.last_sold.isoformat(),
        "cover_days": row.cover_days,
        "cover_days_low": row.cover_low,
        "cover_days_high": row.cover_high,
        **{f"stockout_{day}d": chance for day, chance in row.stockout.items()},
        "lead_days": row.lead,
        "stockout_lead": row.stockout_lead,
        "reorder_point": row.reorder_point,
        "reorder_quantity": row.reorder_quantity,
        "should_order": row.should_order,
        "dead": row.is_dead,
    }


def _left(one: Sold, units: int) -> dict[str, Any]:
    article = one.article
    return {
        "key": f"{article.shop}|{article.sku_code or one.product or one.name or ''}",
        "label": " · ".join(part for part in (one.name, one.spec) if part),
        "sku_code": article.sku_code,
        "units": units,
    }


def _uplift(found: Uplift) -> dict[str, Any]:
    names = ("value", "low", "high", "n", "expected", "days", "base_days")
    return {name: getattr(found, name) for name in names}


def _event(event: PastEvent, spoken: Words) -> dict[str, Any]:
    return {
        "key": event.promotion.key,
        "label": label_of(event.promotion, spoken),
        "from": event.promotion.start.isoformat(),
        "to": event.promotion.end.isoformat(),
        "uplift": _uplift(event.whole),
        "products": {key: _uplift(one) for key, one in event.products.items()},
    }


def _prepared(prepared: Prepared, spoken: Words) -> dict[str, Any]:
    asked = prepared.scenario
    return {
        "from": asked.start.isoformat(),
        "to": asked.end.isoformat(),
        "uplift": asked.uplift,
        "like": asked.event and label_of(asked.event, spoken),
        "short_of_days": prepared.short_of_days,
        "rows": [_need(need) for need in prepared.needs],
    }


def _need(need: Need) -> dict[str, Any]:
    return {
        "key": f"{need.row.item.shop}|{need.row.item.code}",
        "label": need.row.name,
        "uplift": need.uplift,
        "uplift_of": need.by,
        "need_p50": need.until_p50,
        "need_p95": need.until_p95,
        "need_event_p50": need.event_p50,
        "stock": need.row.stock,
        "in_transit": need.row.item.coming,
        "shortage": need.shortage,
        "ordinary_days": need.ordinary_days,
    }
