"""What each command does, typed in this process against a store of its own."""

import contextlib
import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from shopdata.cli import main
from tests.cli.conftest import Finished

SHOP = "Nuts & more"


@pytest.fixture(scope="module")
def stocked_home(tmp_path_factory: pytest.TempPathFactory, order_files: list[Path]) -> Path:
    """A home with the first order export of a shop, filled by the command line: to be copied."""
    home = tmp_path_factory.mktemp("stocked") / "home"
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setenv("SHOPDATA_HOME", str(home))
        patch.delenv("SHOPDATA_LANG", raising=False)
        assert main(["import", str(order_files[0]), "--shop", SHOP, "--json"]) == 0
    return home


@pytest.fixture
def stocked(type_in, home: Path, stocked_home: Path):
    """The command line over a copy of that store."""
    shutil.copytree(stocked_home, home)
    return type_in


def entries(finished: Finished) -> list[dict[str, object]]:
    return finished.json()["files"]


def test_a_folder_an_archive_and_a_list_are_their_files(
    type_in, order_files: list[Path], tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.write(order_files[1], order_files[1].name)
        archive.writestr("readme.txt", "hello")
    (tmp_path / "list.txt").write_text("x")
    done = type_in("import", "two.zip", "-", "--shop", SHOP, "--json", piped=f"{order_files[0]}\n\n")
    found = {one["file"]: one["status"] for one in entries(done)}
    assert found[f"two.zip/{order_files[1].name}"] == "imported"
    assert found[order_files[0].name] == "imported"


def test_one_bad_file_among_good_ones_is_status_1(type_in, order_files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("colour,size\nred,1\n")
    done = type_in("import", "bad.csv", str(order_files[0]), "--shop", SHOP, "--json")
    assert done.status == 1
    assert {one["status"] for one in entries(done)} == {"refused", "imported"}


def test_an_import_says_what_doubtful_columns_were_found_to_mean(type_in, tmp_path: Path) -> None:
    header = "订单编号,买家会员名,总金额,买家实际支付金额,退款金额,订单状态,订单创建时间,订单付款时间"
    rows = ("1001001,a,30.00,20.00,10.00,交易成功,2026-10-01 10:00:00,2026-10-01 10:01:00",
            "1001002,b,50.00,50.00,0.00,交易成功,2026-10-01 11:00:00,2026-10-01 11:01:00")  # fmt: skip
    (tmp_path / "list.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    (entry,) = entries(type_in("import", "list.csv", "--json", "--lang", "en"))
    found = {one["code"]: one for one in entry["findings"]}
    assert (found["paid_net"]["rows"], found["paid_net"]["of_rows"]) == (1, 1)
    told = type_in("formats", "check", "list.csv", "--lang", "en").out
    assert found["paid_net"]["message"] in told


def test_rejected_rows_are_listed_with_their_row_and_sentence(
    type_in, order_files: list[Path], tmp_path: Path
) -> None:
    lines = order_files[0].read_text(encoding="utf-8-sig").splitlines()
    first = lines[1].split(",")[0]
    broken = "6.92E+18" + lines[3][len(first) :]
    (tmp_path / "orders.csv").write_text("\n".join([*lines[:3], broken, *lines[4:20]]), encoding="utf-8")
    done = type_in("import", "orders.csv", "--json", "--lang", "en")
    (entry,) = entries(done)
    assert done.status == 1
    assert (entry["rejected"], entry["accepted"] + entry["rejected"]) == (1, entry["rows"])
    (reject,) = entry["rejects"]
    assert (reject["row"], reject["code"], reject["sheet"]) == (4, "id_precision_lost", None)
    assert "4" in reject["message"]
    read = type_in("import", "orders.csv", "--lang", "en")
    assert "imported before" in read.out


def test_checking_a_file_says_what_it_is_and_stores_nothing(type_in, order_files: list[Path]) -> None:
    done = type_in("formats", "check", str(order_files[0]), "--json")
    (entry,) = entries(done)
    assert (entry["format"], entry["kind"], entry["error"]) == ("douyin_orders", "orders", None)
    assert {"header", "field"} == set(entry["columns"][0])
    assert type_in("status", "--json").json()["rows"]["imports"] == 0
    assert type_in("formats", "check", str(order_files[0])).status == 0


def test_checking_a_list_of_ones_own_says_what_is_left_out_and_what_must_be_said(
    type_in, tmp_path: Path
) -> None:
    text = "商家编码,成本价\nA-1,12.50\n合计,12.50\n"
    (tmp_path / "costs.csv").write_text(text, encoding="utf-8")
    done = type_in("formats", "check", "costs.csv")
    assert done.status == 1
    assert "costs.csv: costs" in done.out
    assert "第 3 行：这是合计行（合计），没有当作数据。" in done.out
    assert "请先导入订单，或写明店铺名称" in done.out


def test_checking_something_else_is_status_2(type_in, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("colour,size\nred,1\n")
    done = type_in("formats", "check", "x.csv", "--json")
    assert done.status == 2
    assert entries(done)[0]["error"]["code"] == "format_unknown"


def test_formats_lists_every_format_with_its_headers(type_in) -> None:
    found = {one["key"]: one for one in type_in("formats", "--json").json()["formats"]}
    assert {"douyin_orders", "douyin_orders_by_main", "douyin_aftersales", "parcels"} <= set(found)
    assert found["douyin_orders"]["columns"]["order_id"]
    assert "douyin_orders" in type_in("formats").out


@pytest.mark.parametrize(
    "command",
    [
        ("metrics",), ("metrics", "--by", "province"), ("metrics", "--basis", "event", "--by", "week"),
        ("series", "pay_rate"), ("series", "orders_paid", "--forecast", "7"),
        ("series", "paid_amount", "--by", "month"), ("funnel",), ("sources",),
        ("orders",), ("orders", "--stale", "1"), ("status",), ("doctor",), ("formats",),
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh", "en"])
def test_people_read_every_command_in_their_language(
    stocked, command: tuple[str, ...], language: str
) -> None:
    done = stocked(*command, "--lang", language)
    assert done.status == 0, done.err
    assert done.out.strip()
    if language == "en" and command[0] in {"series", "doctor", "funnel", "status"}:
        assert done.out.replace("–", "-").replace("…", "...").isascii()


@pytest.mark.parametrize("command", ["metrics", "funnel", "sources", "orders", "status", "doctor"])
def test_an_empty_store_has_answers_too(type_in, command: str) -> None:
    done = type_in(command, "--json")
    assert done.status == 0, done.err
    json.loads(done.out)
    assert type_in(command).status == 0


def test_an_export_masks_buyers_unless_asked(stocked, tmp_path: Path) -> None:
    fields = ("--fields", "order_id,receiver,paid_amount")
    assert stocked("orders", "--out", "masked.csv", *fields).status == 0
    assert stocked("orders", "--out", "plain.csv", *fields, "--reveal").status == 0
    masked, plain = ((tmp_path / name).read_text("utf-8-sig") for name in ("masked.csv", "plain.csv"))
    assert masked.count("***") > 1000
    assert "***" not in plain
    assert len(masked.splitlines()) == len(plain.splitlines())


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_an_export_comes_in_three_forms(stocked, tmp_path: Path, suffix: str) -> None:
    done = stocked("orders", "--statuses", "closed", "--out", f"o.{suffix}", "--json")
    assert done.json()["rows"] > 100
    assert (tmp_path / f"o.{suffix}").stat().st_size > 1000


def test_a_backup_comes_back_as_it_was(stocked, order_files: list[Path], tmp_path: Path) -> None:
    before = stocked("metrics", "--json").out
    made = stocked("backup", "copy.duckdb", "--json").json()
    assert made["size"] == (tmp_path / "copy.duckdb").stat().st_size
    assert stocked("backup", "copy.duckdb").status == 2
    stocked("import", str(order_files[1]), "--shop", SHOP)
    assert stocked("metrics", "--json").out != before
    done = stocked("restore", "copy.duckdb", "--json")
    assert done.status == 0, done.err
    assert Path(done.json()["previous"]).exists()
    assert stocked("metrics", "--json").out == before
    assert stocked("doctor").status == 0


def test_a_changed_backup_is_not_restored(stocked, tmp_path: Path) -> None:
    stocked("backup", "copy.duckdb")
    with (tmp_path / "copy.duckdb").open("r+b") as file:
        file.seek(5000)
        file.write(b"flip")
    before = stocked("metrics", "--json").out
    assert stocked("restore", "copy.duckdb").status in {2, 3}
    assert stocked("metrics", "--json").out == before


def test_json_leaves_standard_output_to_the_document(type_in, order_files: list[Path]) -> None:
    done = type_in("import", *map(str, order_files), "--shop", SHOP, "--json")
    json.loads(done.out)
    assert done.out.startswith("{")


def test_a_terminal_is_never_given_orders_by_a_file(type_in, tmp_path: Path, order_files: list[Path]) -> None:
    (tmp_path / "a\x1b[31m.csv").write_bytes(order_files[0].read_bytes())
    done = type_in("import", "a\x1b[31m.csv", "--shop", SHOP)
    assert "\x1b" not in done.out + done.err
