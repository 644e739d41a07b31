"""``formats new``, ``export``, ``import``, ``delete``: a file nobody knows becomes a format by typing."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from shopdata import cli
from shopdata.commands.asking import converse
from shopdata.words import words
from tests.cli.conftest import Type
from tests.imports import brazil


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "olist_orders.csv"
    path.write_text(brazil.csv_text(brazil.rows(200)), encoding="utf-8")
    return path


SET = ("--set", "status.unavailable=closed", "--set", "currency=BRL")


def test_a_proposal_is_printed_and_nothing_kept(type_in: Type, orders: Path) -> None:
    done = type_in("formats", "new", orders, "--json")
    found = done.json()
    assert done.status == 0
    assert (found["kind"], found["rows"], found["missing"], found["saved"]) == ("orders", 200, [], None)
    assert {"header": "price", "field": "goods_total"}.items() <= found["columns"][10].items()
    assert (found["trial"]["accepted"], found["trial"]["rejected"]) == (200, 0)
    assert "[fields._signed_at]" in found["toml"]
    assert [one["key"] for one in type_in("formats", "--json").json()["formats"] if one["own"]] == []


def test_a_saved_format_is_listed_and_imports(type_in: Type, orders: Path) -> None:
    assert (
        type_in("formats", "new", orders, *SET, "--save", "--name", "巴西", "--json").json()["saved"]
        == "巴西"
    )
    assert [one["key"] for one in type_in("formats", "--json").json()["formats"] if one["own"]] == ["巴西"]
    assert type_in("formats", "check", orders, "--json").json()["files"][0]["format"] == "巴西"
    done = type_in("import", orders, "--json")
    assert (done.status, done.json()["files"][0]["format"]) == (0, "巴西")
    total = type_in("metrics", "--json").json()
    assert (total["currency"], total["total"]["orders_placed"]) == ("BRL", 200)
    assert type_in("formats", "delete", "巴西").status == 2


def test_a_format_travels_as_its_file(type_in: Type, orders: Path, tmp_path: Path) -> None:
    type_in("formats", "new", orders, *SET, "--save", "--name", "brazil")
    assert type_in("formats", "export", "brazil", "--out", "b.toml").status == 0
    assert type_in("formats", "export", "brazil").out.strip() == (tmp_path / "b.toml").read_text().strip()
    assert type_in("formats", "export", "brazil", "--out", "b.toml").status == 2
    assert type_in("formats", "delete", "brazil").status == 0
    assert type_in("formats", "import", "b.toml", "--json").json() == {"saved": "b"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("--set", "order_id=nothing"), "format_setting_unknown"),
        (("--set", "kind=dreams"), "format_setting_unknown"),
        (("--set", "order_id=", "--save"), "format_incomplete"),
        (("--save", "--name", "../x"), "format_name_invalid"),
        (("--save", "--name", "douyin_orders"), "format_name_taken"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    type_in: Type, orders: Path, given: Sequence[str], code: str
) -> None:
    done = type_in("formats", "new", orders, *given, "--json")
    assert (done.status, done.json()["error"]["code"]) == (2, code)


def test_a_broken_file_in_the_folder_is_told_with_the_rest(type_in: Type, home: Path) -> None:
    (home / "formats").mkdir(parents=True)
    (home / "formats" / "bad.toml").write_text("x = [", encoding="utf-8")
    done = type_in("formats", "--lang", "en")
    assert done.status == 0
    assert "bad.toml" in done.err
    assert "douyin_orders" in done.out


def test_a_conversation_adds_settings_until_it_is_saved() -> None:
    ran: list[list[str]] = []
    typed = iter(["currency=BRL", "nonsense", "", "save brazil"])

    def run(arguments: Sequence[str]) -> int:
        ran.append(list(arguments[3:]))
        return 2 if "nonsense" in arguments else 0

    status = converse(["formats", "new", "f"], run, words("en"), lambda _: next(typed))
    assert status == 0
    kept = ["--set", "currency=BRL"]
    assert ran == [[], kept, [*kept, "--set", "nonsense"], kept, [*kept, "--save", "--name", "brazil"]]


def test_only_somebody_at_a_terminal_is_asked(type_in: Type, orders: Path, monkeypatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(cli.asking, "converse", lambda *given: asked.append(given) or 0)
    type_in("formats", "new", orders)
    assert asked == []


def test_the_end_of_input_leaves_without_saving() -> None:
    def closed(_: str) -> str:
        raise EOFError

    assert converse(["formats", "new", "f"], lambda _: 1, words("zh"), closed) == 1
