"""Splits what Taobao tells per order over its items: whole fen, the largest remainders first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sample_data.catalog import Shop
from sample_data.exports import overlap_from
from sample_data.facts_of_lines import LineFact
from sample_data.truth import Order


def split(total: int, weights: list[int]) -> list[int]:
    """``total`` by weights; equal parts where no line weighs anything."""
    every = weights if sum(weights) else [1] * len(weights)
    parts = [total * weight // sum(every) for weight in every]
    rests = [total * weight % sum(every) for weight in every]
    for place in sorted(range(len(every)), key=lambda place: -rests[place])[: total - sum(parts)]:
        parts[place] += 1
    return parts


def shared(shop: Shop, order: Order, lines: tuple[LineFact, ...], data_at: datetime) -> tuple[LineFact, ...]:
    """The lines with what the old report of items tells per order alone: what was paid."""
    if shop.platform != "taobao" or len(lines) == 1 or order.placed_at >= overlap_from(data_at, shop.key):
        return lines
    listed = [line.unit_price * line.quantity for line in order.lines]
    paid, payable = (
        split(sum(amounts), listed)
        for amounts in ([line.paid for line in lines], [line.payable for line in lines])
    )
    return tuple(replace(line, paid=paid[place], payable=payable[place]) for place, line in enumerate(lines))
