"""A file of another country, described by the wizard, gives the figures plain Python computes from it."""

from pathlib import Path

import pytest

from shopdata.imports.calendar import calendar
from shopdata.imports.coverage import as_of_by_kind
from shopdata.imports.own_formats import save
from shopdata.imports.run import import_paths
from shopdata.imports.scoping import all_shops
from shopdata.imports.undo import undo
from shopdata.imports.wizard.draft import Draft, changed, propose
from shopdata.imports.wizard.text import toml_of
from shopdata.imports.wizard.trial import look, tried
from shopdata.ingest.client import Parser
from shopdata.ingest.results import Described
from shopdata.metrics.labels import label_of
from shopdata.metrics.table import metric_table
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.words import words
from tests.imports import brazil
from tests.imports.conftest import Importer
from tests.imports.test_own_formats import ROWS
from tests.ingest.test_own_formats import GOOD

OWNER = Scope(user="local", role="owner")
SETTINGS = ("status.unavailable=closed", "currency=BRL", "zone=America/Sao_Paulo")


@pytest.fixture
def made() -> list[brazil.Row]:
    return brazil.rows()


@pytest.fixture
def file(tmp_path: Path, made: list[brazil.Row]) -> Path:
    path = tmp_path / "olist_orders.csv"
    path.write_text(brazil.csv_text(made), encoding="utf-8")
    return path


@pytest.fixture
def described(store: Store, file: Path, parser: Parser) -> Described:
    return look(store, file, parser)


@pytest.fixture
def draft(described: Described) -> Draft:
    found = propose(described)
    for setting in SETTINGS:
        found = changed(found, described, setting)
    return found


def test_the_proposal_needs_only_what_no_file_can_say(described: Described) -> None:
    found = propose(described)
    assert (found.kind, found.places, found.decimal, found.missing) == ("orders", "own", ".", ())
    assert {name: found.columns[name] for name in ("order_id", "_signed_at", "province", "_goods_total")} == {
        "order_id": "order_id",
        "_signed_at": "order_delivered_customer_date",
        "province": "customer_state",
        "_goods_total": "price",
    }
    assert [word for word, meaning in found.words["status"].items() if not meaning] == ["unavailable"]


def test_the_trial_reads_the_real_file_and_stores_nothing(
    store: Store, file: Path, draft: Draft, described: Described, parser: Parser
) -> None:
    shown = tried(store, file, file.name, draft, described, parser)
    assert (shown.error, shown.rows, shown.accepted, shown.rejected) == (None, 2000, 2000, 0)
    assert [one.code for one in shown.warnings] == []
    with store.read() as connection:
        assert all_shops(connection) == ()


def test_figures_equal_an_independent_computation(
    store: Store, bring: Importer, file: Path, draft: Draft, described: Described, made: list[brazil.Row]
) -> None:
    assert save(store, OWNER, "olist", toml_of(draft, described)) == "olist"
    done = bring(file)[0]
    assert (done.format, done.rows, done.accepted, done.rejected) == ("olist", 2000, 2000, 0)
    table = metric_table(store, OWNER)
    for key, value in brazil.figures(made).items():
        assert table.total[key] == pytest.approx(value, abs=1e-6), key
    assert table.currency == "BRL"
    states = metric_table(store, OWNER, by="province")
    found = {row.key: row for row in states.rows}
    assert found.keys() == brazil.by_state(made).keys()
    for state, figures in brazil.by_state(made).items():
        assert {key: found[state].values[key] for key in figures} == pytest.approx(figures, abs=1e-6), state
        assert label_of("province", state, {}, words("zh")) == state


def test_the_shop_keeps_its_currency_and_zone_and_takes_no_other(
    store: Store, bring: Importer, file: Path, draft: Draft, described: Described
) -> None:
    save(store, OWNER, "olist", toml_of(draft, described))
    bring(file)
    with store.read() as connection:
        shop = all_shops(connection)[0]
    assert (shop.platform, shop.currency, shop.zone) == ("other", "BRL", "America/Sao_Paulo")
    save(store, OWNER, "brazil", GOOD)
    other = file.with_name("pedidos.csv")
    other.write_text(ROWS, encoding="utf-8")
    bring(other, shop="CNY")
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    refused = bring(file, shop="CNY")[0]
    assert refused.error is not None
    assert refused.error.code == "shop_currency_differs"


def test_an_order_file_that_tells_deliveries_leaves_no_gap_of_parcels(
    store: Store, bring: Importer, file: Path, draft: Draft, described: Described
) -> None:
    save(store, OWNER, "olist", toml_of(draft, described))
    bring(file)
    covered = {one.kind: one for one in calendar(store)}
    assert covered["parcels"].gaps == covered["orders"].gaps == ()
    with store.read() as connection:
        assert {kind for _, kind in as_of_by_kind(connection, [1])} == {"orders", "parcels"}


def test_undoing_reads_the_file_again_by_its_format(
    store: Store, bring: Importer, file: Path, draft: Draft, described: Described, made: list[brazil.Row]
) -> None:
    save(store, OWNER, "olist", toml_of(draft, described))
    first = bring(file)[0]
    less = file.with_name("less.csv")
    less.write_text(brazil.csv_text(made[:500]), encoding="utf-8")
    import_paths(store, [less])
    undo(store, first.import_id or 0, "local")
    assert metric_table(store, OWNER).total["orders_placed"] == 500
