"""A merchant's own formats: read like the built-in ones, explained where wrong, apart from the rest."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from shopdata.errors import FormatBroken, Refused
from shopdata.imports.format_checks import check, check_apart
from shopdata.ingest.parse import Task, parse
from shopdata.ingest.results import Limits, Parsed
from shopdata.platforms import formats
from shopdata.platforms.own import read_own
from tests.ingest.support import NOW

GOOD = """
platform = "other"
kind = "orders"
table = "order_lines"
constants = { grain = "order" }
row_key = ["grain", "line_id"]
key_fields = ["order_id"]
required = [["order_id"], ["placed_at"]]
distinguishing = ["pedido"]
rules = ["main_order"]
[ranks]
paid = 1
[fields.order_id]
headers = ["pedido"]
type = "id"
shape = "[0-9a-f]{8}"
[fields.placed_at]
headers = ["comprado"]
type = "time"
role = "event range"
[fields.status]
headers = ["estado"]
type = "word"
raw = "status_raw"
[fields.status.words]
paid = ["pago"]
"""


def own(folder: Path, text: str, name: str = "brazil.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_recognised_and_read_by_an_own_format(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("pedido,comprado,estado\n0a1b2c3d,2026-11-01 10:00:00,pago\n", encoding="utf-8")
    (tmp_path / "out").mkdir()
    task = Task(file, tmp_path / "out", "a.csv", None, NOW, {}, Limits(), own_formats=(own(tmp_path, GOOD),))
    parsed = parse(task, lambda *_: None)
    assert (parsed.format, parsed.table, parsed.rows, parsed.accepted) == ("brazil", "order_lines", 1, 1)


def test_without_the_own_format_the_file_stays_unknown(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("pedido,comprado,estado\n0a1b2c3d,2026-11-01 10:00:00,pago\n", encoding="utf-8")
    (tmp_path / "out").mkdir()
    with pytest.raises(Refused, match="format_unknown"):
        parse(Task(file, tmp_path / "out", "a.csv", None, NOW, {}, Limits()), lambda *_: None)


@pytest.mark.parametrize(
    ("old", "new", "code", "told"),
    [
        ('platform = "other"', "platform = other", "format_not_toml", "line 2"),
        ('platform = "other"', "platform = 3", "format_entry_wrong", "platform"),
        ('platform = "other"', 'platform = "etsy"', "format_entry_wrong", "platform"),
        ('platform = "other"', 'shape = "x"\nplatform = "other"', "format_entry_wrong", "shape"),
        ('platform = "other"', 'extends = "../../x"\nplatform = "other"', "format_entry_wrong", "extends"),
        ('kind = "orders"\n', "", "format_entry_missing", "kind"),
        ('headers = ["comprado"]\n', "", "format_entry_missing", "fields.placed_at.headers"),
        ('headers = ["comprado"]', 'headers = "comprado"', "format_entry_wrong", "fields.placed_at.headers"),
        ('type = "time"', 'type = "moment"', "format_entry_wrong", "fields.placed_at.type"),
        ('["placed_at"]]', '["ordered_at"]]', "format_contradicts", "ordered_at"),
        ("[fields.placed_at]", "[fields.ordered_at]", "format_contradicts", "placed_at"),
        ('rules = ["main_order"]', 'rules = ["magic"]', "format_entry_wrong", "magic"),
        ('rules = ["main_order"]', "rules = []", "format_entry_missing", "line_id"),
        ('["main_order"]', '["main_order", "source"]', "format_entry_missing", "rule_words.ad_channel"),
        ('shape = "[0-9a-f]{8}"', 'shape = "([0-9"', "format_entry_wrong", "fields.order_id.shape"),
        ('shape = "[0-9a-f]{8}"', 'shape = "(?=a)b"', "format_entry_wrong", "fields.order_id.shape"),
        ('paid = ["pago"]', 'bought = ["pago"]', "format_meaning_unknown", "bought"),
        ("paid = 1", "shipped = 3", "format_entry_missing", "ranks"),
        ('raw = "status_raw"', 'raw = "status_word"', "format_column_unknown", "status_word"),
    ],
)
def test_a_wrong_format_file_is_explained(tmp_path: Path, old: str, new: str, code: str, told: str) -> None:
    assert old in GOOD
    path = own(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(FormatBroken) as fault:
        check(read_own(path))
    assert fault.value.code == code
    assert fault.value.details["file"] == "brazil.toml"
    assert told in f"{fault.value.details}"


def test_a_good_format_passes_and_stands_apart(tmp_path: Path) -> None:
    one = read_own(own(tmp_path, GOOD))
    check(one)
    check_apart(one, formats().values())


@pytest.mark.parametrize(
    "headers", ["订单编号,下单时间,订单状态,流量来源", "主订单编号,订单提交时间,订单状态"]
)
def test_a_format_that_a_built_in_one_covers_is_refused(tmp_path: Path, headers: str) -> None:
    order, placed, status, *more = headers.split(",")
    text = GOOD.replace("pedido", order).replace("comprado", placed).replace("estado", status)
    text = text.replace(f'distinguishing = ["{order}"]', f"distinguishing = []\nknown = {more}")
    with pytest.raises(FormatBroken, match="format_too_near") as fault:
        check_apart(read_own(own(tmp_path, text)), formats().values())
    assert fault.value.details["format"] == "douyin_orders"


def test_two_own_formats_of_the_same_headers_are_told_at_once(tmp_path: Path) -> None:
    first, second = read_own(own(tmp_path, GOOD)), read_own(own(tmp_path, GOOD, "again.toml"))
    with pytest.raises(FormatBroken, match="format_too_near"):
        check_apart(second, [first])


@pytest.mark.parametrize("key", [key for key, one in formats().items() if not one.by_content])
def test_built_in_formats_pass_the_same_checks(key: str) -> None:
    check(formats()[key])


MONEY = """
[fields.freight_amount]
headers = ["frete"]
type = "money"
decimal = ","
"""


def read(tmp_path: Path, text: str, header: str, *rows: str) -> tuple[Parsed, list[dict[str, Any]]]:
    """A file of these rows, read by the format of this text; with its typed rows."""
    file, out = tmp_path / "a.csv", tmp_path / "out"
    file.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    out.mkdir()
    parsed = parse(
        Task(file, out, "a.csv", None, NOW, {}, Limits(), preview=True, own_formats=(own(tmp_path, text),)),
        lambda *_: None,
    )
    return parsed, list(parsed.preview_rows)


def test_amounts_with_a_decimal_comma_are_exact_and_others_refused(tmp_path: Path) -> None:
    rows = [
        f'0a1b2c3{n},2026-11-01 10:00:00,pago,"{amount}"'
        for n, amount in enumerate(["58,90", "1.299,90", "R$ 5,00", "12", "58.90", "1,299.90"])
    ]
    text = GOOD.replace('kind = "orders"', 'kind = "orders"\ncurrency = "BRL"') + MONEY
    parsed, typed = read(tmp_path, text, "pedido,comprado,estado,frete", *rows)
    assert [row["freight_amount"] for row in typed] == [5890, 129990, 500, 1200]
    assert [(one.row, one.code) for one in parsed.rejects] == [(6, "amount_invalid"), (7, "amount_invalid")]


def test_a_time_with_an_offset_is_told_by_the_clock_of_the_shop(tmp_path: Path) -> None:
    text = GOOD.replace('kind = "orders"', 'kind = "orders"\nzone = "America/Sao_Paulo"\ncurrency = "BRL"')
    row = "0a1b2c3d,2026-11-01T10:00:00Z,pago"
    parsed, typed = read(tmp_path, text, "pedido,comprado,estado", row)
    assert typed[0]["placed_at"] == datetime(2026, 11, 1, 7, 0)
    assert (parsed.currency, parsed.zone) == ("BRL", "America/Sao_Paulo")


DELIVERED = """
[fields._signed_at]
headers = ["entregue"]
type = "time"
role = "event"
[fields.shipped_at]
headers = ["enviado"]
type = "time"
role = "event"
"""


def test_a_delivery_time_makes_a_parcel_only_for_what_was_sent(tmp_path: Path) -> None:
    text = GOOD.replace('rules = ["main_order"]', 'beside = ["parcels"]\nrules = ["main_order", "delivered"]')
    rows = [
        "0a1b2c30,2026-11-01 10:00:00,pago,2026-11-02 10:00:00,2026-11-05 10:00:00",
        "0a1b2c31,2026-11-01 10:00:00,pago,2026-11-02 10:00:00,",
        "0a1b2c32,2026-11-01 10:00:00,pago,,",
    ]
    parsed, _ = read(tmp_path, text + DELIVERED, "pedido,comprado,estado,enviado,entregue", *rows)
    with pa.memory_map(str(parsed.tables["parcels"].path)) as mapped:
        parcels = pa.ipc.open_file(mapped).read_all().to_pylist()
    assert [(one["order_id"], one["waybill"], one["signed_at"]) for one in parcels] == [
        ("0a1b2c30", "0a1b2c30", datetime(2026, 11, 5, 10, 0)),
        ("0a1b2c31", "0a1b2c31", None),
    ]
    assert parsed.as_of == datetime(2026, 11, 5, 10, 0)


def test_no_shape_lets_a_rounded_id_pass(tmp_path: Path) -> None:
    with pytest.raises(FormatBroken, match="format_entry_wrong"):
        check(read_own(own(tmp_path, GOOD.replace("[0-9a-f]{8}", ".+"))))
