"""Writes the sample: ``python sample_data/make.py [FOLDER] [--until DATE]``. The same every time it runs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from random import Random

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sample_data import douyin_exports, kuaishou_exports, own_exports, taobao_exports
from sample_data.arrangement import share_parcels
from sample_data.catalog import shops
from sample_data.daily import days_of
from sample_data.expected import facts_of, of_all
from sample_data.exports import Export
from sample_data.fate import orders
from sample_data.one_file import of_file
from sample_data.truth import Order

UNTIL = date(2026, 11, 22)
SEED = "shopdata sample 1"
PLAN = "expected.json"
EXPORTS = {
    "douyin": douyin_exports.exports,
    "taobao": taobao_exports.exports,
    "kuaishou": kuaishou_exports.exports,
}


def default_folder() -> Path:
    """``$SHOPDATA_HOME/sample``."""
    return Path(os.environ.get("SHOPDATA_HOME", "data")) / "sample"


def sample_orders(cut: datetime) -> dict[str, list[Order]]:
    """The truth: every order of every shop by shop name."""
    found: dict[str, list[Order]] = {}
    for shop in shops():
        random = Random(f"{SEED} {shop.key}")  # noqa: S311 - invented data, no secret
        found[shop.name] = orders(random, shop, cut)
        if shop.platform == "douyin":
            found[shop.name] = share_parcels(found[shop.name], cut)
    return found


def _write_json(path: Path, document: object, indent: int | None = 1) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


def _earlier_of(export: Export, found: list[Export]) -> Export | None:
    same = [one for one in found if one.layout == export.layout and one.moment < export.moment]
    return same[-1] if same else None


def write_sample(folder: Path, until: date = UNTIL) -> tuple[Path, ...]:
    """Writes every file and its expected figures; the 90 days end on the evening of ``until``."""
    folder.mkdir(parents=True, exist_ok=True)
    cut = datetime.combine(until, time(22, 0))
    truth = sample_orders(cut)
    paths: list[Path] = []
    plan: list[dict[str, str]] = []
    for shop in shops():
        orders_of_it = truth[shop.name]
        found = EXPORTS[shop.platform](shop, orders_of_it, cut) + own_exports.exports(shop, orders_of_it, cut)
        for export in found:
            path = export.write(folder)
            _write_json(folder / f"{export.name}.expected.json", of_file(export, _earlier_of(export, found)))
            paths.append(path)
            plan.append({"file": export.name, "shop": shop.name})
    facts = {shop.name: facts_of(shop, truth[shop.name], cut) for shop in shops()}
    days = {shop.name: days_of(shop, truth[shop.name], cut) for shop in shops()}
    _write_json(folder / PLAN, of_all(facts, days, plan, cut), indent=None)
    return tuple(paths)


def load_plan(folder: Path | None = None, until: date = UNTIL) -> tuple[tuple[Path, str], ...]:
    """Every file of the sample with its shop's name; writes the files where they are missing."""
    place = folder or default_folder()
    if not (place / PLAN).exists():
        write_sample(place, until)
    document = json.loads((place / PLAN).read_text(encoding="utf-8"))
    return tuple((place / one["file"], one["shop"]) for one in document["files"])


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """What a merchant would enter for a sample shop: own accounts by id, city code by warehouse."""

    name: str
    own_accounts: tuple[str, ...]
    ship_from: dict[str, str]


def shop_settings() -> tuple[ShopSettings, ...]:
    """The settings that belong to the sample's shops."""
    return tuple(
        ShopSettings(
            shop.name,
            tuple(person.id for person in shop.own_accounts),
            {shop.warehouse: shop.ship_from, "": shop.ship_from},
        )
        for shop in shops()
    )


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="Write invented exports of two shops and their expected figures."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=None, help="default: $SHOPDATA_HOME/sample")
    parser.add_argument(
        "--until", type=date.fromisoformat, default=UNTIL, help="last day, default 2026-11-22"
    )
    chosen = parser.parse_args(arguments)
    for path in write_sample(chosen.folder or default_folder(), chosen.until):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
