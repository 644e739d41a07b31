"""Own formats in the home: saved, used for imports and undoing, named where broken, deleted when unused."""

from pathlib import Path

import pytest
from sqlalchemy import select

from shopdata.errors import BadUsage, FormatBroken, NotAllowed, NotFound
from shopdata.imports import own_formats
from shopdata.imports.own_formats import catalogue, delete, exported, save, slug, taken_in
from shopdata.imports.preview import inspect
from shopdata.imports.undo import undo
from shopdata.scope import Scope
from shopdata.store import Store
from shopdata.store.tables import audit
from tests.imports.conftest import Importer
from tests.ingest.test_own_formats import GOOD

OWNER = Scope(user="local", role="owner")
ROWS = "pedido,comprado,estado\n0a1b2c3d,2026-11-01 10:00:00,pago\n0a1b2c3e,2026-11-01 11:00:00,pago\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pedidos.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_a_saved_format_imports_previews_and_undoes(store: Store, bring: Importer, file: Path) -> None:
    assert save(store, OWNER, "Brazil", GOOD) == "brazil"
    looked = inspect(store, file, file_name=file.name)[0]
    assert (looked.format, looked.rows) == ("brazil", 2)
    done = bring(file)[0]
    assert (done.status, done.format, done.new) == ("imported", "brazil", 2)
    other = file.with_name("more.csv")
    other.write_text(ROWS + "0a1b2c3f,2026-11-01 12:00:00,pago\n", encoding="utf-8")
    bring(other)
    assert undo(store, done.import_id or 0, "local").replayed == ("more.csv",)


def test_a_format_in_use_stays_and_an_unused_one_goes(store: Store, bring: Importer, file: Path) -> None:
    save(store, OWNER, "brazil", GOOD)
    done = bring(file)[0]
    with pytest.raises(BadUsage, match="format_in_use"):
        delete(store, OWNER, "brazil")
    undo(store, done.import_id or 0, "local")
    delete(store, OWNER, "brazil")
    assert catalogue(store.settings).own == ()
    with store.read() as connection:
        actions = connection.execute(select(audit.c.action)).scalars().all()
    assert [one for one in actions if one.startswith("format_")] == ["format_saved", "format_deleted"]


def test_a_broken_file_is_named_and_stops_nothing(store: Store, bring: Importer, file: Path) -> None:
    save(store, OWNER, "brazil", GOOD)
    (store.settings.formats / "bad.toml").write_text("platform = ", encoding="utf-8")
    (store.settings.formats / "douyin_orders.toml").write_text(GOOD, encoding="utf-8")
    known = catalogue(store.settings)
    assert {one.details["file"]: one.code for one in known.broken} == {
        "bad.toml": "format_not_toml",
        "douyin_orders.toml": "format_name_taken",
    }
    assert bring(file)[0].format == "brazil"


def test_a_name_is_used_once(store: Store) -> None:
    save(store, OWNER, "brazil", GOOD)
    for name in ("Brazil", "douyin_orders"):
        with pytest.raises(BadUsage, match="format_name_taken"):
            save(store, OWNER, name, GOOD.replace("pedido", "pedido2"))


@pytest.mark.parametrize(
    "name",
    ["", "../x", "a/b", "a\\b", ".hidden", "x.toml", "con", "a" * 41, "-x", "a\x00b", "\u202ex", "<b>"],
)
def test_a_name_that_is_no_file_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(BadUsage, match="format_name_invalid"):
        save(store, OWNER, name, GOOD)
    assert not store.settings.formats.exists() or not list(store.settings.formats.iterdir())


def test_names_of_any_script_are_kept() -> None:
    assert [slug(name) for name in ("巴西 订单", "Ｂrazil-2", "Café")] == ["巴西_订单", "brazil-2", "café"]


def test_a_key_is_looked_up_among_the_files_never_made_a_path(store: Store) -> None:
    save(store, OWNER, "brazil", GOOD)
    for key in ("../shopdata", "../formats/brazil", ""):
        with pytest.raises(NotFound):
            exported(store.settings, key)
        with pytest.raises(NotFound):
            delete(store, OWNER, key)


def test_an_exported_format_can_be_taken_in_elsewhere(store: Store, tmp_path: Path) -> None:
    save(store, OWNER, "brazil", GOOD)
    path = tmp_path / "巴西.toml"
    path.write_text(exported(store.settings, "brazil"), encoding="utf-8")
    with pytest.raises(FormatBroken, match="format_too_near"):
        taken_in(store, OWNER, path, path.name)
    delete(store, OWNER, "brazil")
    assert taken_in(store, OWNER, path, path.name) == "巴西"


def test_who_only_looks_adds_and_deletes_nothing(store: Store) -> None:
    viewer = Scope(user="w", role="viewer")
    with pytest.raises(NotAllowed):
        save(store, viewer, "brazil", GOOD)
    save(store, Scope(user="o", role="operator"), "brazil", GOOD)
    with pytest.raises(NotAllowed):
        delete(store, viewer, "brazil")


def test_more_formats_than_anybody_needs_are_left_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_formats, "MOST", 1)
    save(store, OWNER, "a_first", GOOD)
    (store.settings.formats / "b_second.toml").write_text(GOOD, encoding="utf-8")
    known = catalogue(store.settings)
    assert known.own == ("a_first",)
    assert [one.code for one in known.broken] == ["format_too_many"]
