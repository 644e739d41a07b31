"""Order exports by goods, variants and subsets: every column means what the platform means by it."""

from datetime import datetime

import pytest

from tests.ingest.support import ORDER, Files, csv_text, order, without


def test_a_line_is_read_cell_by_cell(files: Files) -> None:
    row = files.read(order()).row
    assert row["order_id"] == "6917926768823643751"
    assert row["line_id"] == "6917926768823643752"
    assert row["grain"] == "line"
    assert row["product_name"] == "夏季连衣裙"
    assert row["quantity"] == 1
    assert (row["unit_price"], row["payable_amount"], row["payment_discount"]) == (10000, 9000, 250)
    assert row["paid_amount"] == 8750
    assert (row["status"], row["status_raw"]) == ("shipped", "已发货")
    assert row["placed_at"] == datetime(2026, 11, 1, 10)
    assert row["completed_at"] is None
    assert row["aftersale_status"] is None
    assert row["influencer_id"] is None
    assert (row["province"], row["province_raw"]) == ("440000", "广东省")
    assert (row["city"], row["city_raw"]) == ("440100", "广州市")
    assert row["source"] == "live"
    assert row["row"] == 2


def test_the_newest_event_dates_a_row_and_promises_do_not(files: Files) -> None:
    read = files.read(order())
    assert read.row["event_at"] == datetime(2026, 11, 2, 9)
    assert read.parsed.as_of == datetime(2026, 11, 2, 9)
    assert (read.parsed.first_at, read.parsed.last_at) == (
        datetime(2026, 11, 1, 10),
        datetime(2026, 11, 1, 10, 0, 30),
    )


def test_the_format_is_told_by_names_alone(files: Files) -> None:
    backwards = dict(reversed(order().items()))
    read = files.parse(files.orders(backwards, name="下载.txt"))
    assert (read.parsed.format, read.parsed.kind, read.parsed.platform) == (
        "douyin_orders",
        "orders",
        "douyin",
    )
    assert read.row["paid_amount"] == 8750


@pytest.mark.parametrize("time", ["订单提交时间", "支付完成时间", "发货时间", "订单完成时间"])
def test_an_order_number_a_status_and_one_time_are_enough(files: Files, time: str) -> None:
    row = {
        "主订单编号": ORDER["主订单编号"],
        "子订单编号": ORDER["子订单编号"],
        "订单状态": "已完成",
        time: "2026-11-01 10:00:00",
    }
    read = files.read(row)
    assert read.parsed.format == "douyin_orders"
    assert read.counts == (1, 1, 0)
    assert "payable_amount" not in read.row


def test_absent_columns_are_absent_and_empty_ones_are_not(files: Files) -> None:
    read = files.read(without(order(取消原因=""), "运费"))
    present = read.parsed.tables["order_lines"].present
    assert "freight_amount" not in present
    assert "cancel_reason" in present
    assert read.row["cancel_reason"] is None


def test_headers_may_carry_blanks_tabs_full_width_brackets_and_other_letters(files: Files) -> None:
    row = order()
    names = {"主订单编号": "\t主订单编号 ", "商品ID": "商品id", "APP渠道": "ａｐｐ渠道"}
    read = files.read({names.get(name, name): value for name, value in row.items()})
    assert read.row["order_id"] == row["主订单编号"]
    assert read.row["product_id"] == row["商品ID"]


@pytest.mark.parametrize("marks", [b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b""])
def test_a_byte_order_mark_may_come_once_twice_or_never(files: Files, marks: bytes) -> None:
    read = files.parse(files.write(marks + csv_text([order()]).encode()))
    assert read.counts == (1, 1, 0)
    assert read.row["order_id"] == ORDER["主订单编号"]


@pytest.mark.parametrize(
    ("word", "meaning", "rank"),
    [
        ("待支付", "unpaid", 0),
        ("待发货", "paid", 1),
        ("已支付", "paid", 1),
        ("备货中", "paid", 1),
        ("部分发货", "part_shipped", 2),
        ("已发货", "shipped", 3),
        ("已完成", "completed", 4),
        ("已关闭", "closed", 4),
        ("已取消", "closed", 4),
        ("待付尾款", "deposit_paid", 0),
    ],
)
def test_every_status_word_has_its_meaning_and_rank(files: Files, word: str, meaning: str, rank: int) -> None:
    row = files.read(order(订单状态=word)).row
    assert (row["status"], row["status_rank"]) == (meaning, rank)


def test_an_unknown_status_is_kept_and_counted(files: Files) -> None:
    read = files.read(order(0, 订单状态="神游中"), order(1, 订单状态="神游中"), order(2))
    assert read.column("status") == ["unknown", "unknown", "shipped"]
    assert read.column("status_raw") == ["神游中", "神游中", "已发货"]
    assert read.warned("unknown_status") == [("订单状态", "神游中", 2)]


def test_a_word_people_gave_a_meaning_is_no_longer_unknown(files: Files) -> None:
    read = files.read(order(订单状态="神游中"), assignments={"douyin.status": {"神游中": "shipped"}})
    assert read.row["status"] == "shipped"
    assert not read.warned("unknown_status")


@pytest.mark.parametrize(
    ("genre", "ad", "channel", "source"),
    [
        ("直播", "无", "精选联盟", "live"),
        ("直播间", "-", "-", "live"),
        ("短视频", "直播", "商城", "short_video"),
        ("视频", "-", "-", "short_video"),
        ("商品卡", "-", "-", "product_card"),
        ("橱窗", "-", "-", "showcase"),
        ("图文", "-", "-", "image_text"),
        ("其他", "-", "-", "other"),
        ("数据将于第二天更新", "直播", "商城", "pending"),
        ("数据将于次日更新", "-", "-", "pending"),
        ("-", "直播", "商城", "live"),
        ("", "短视频", "-", "short_video"),
        ("-", "无", "商城", "product_card"),
        ("-", "无", "精选联盟", "unknown"),
        ("-", "无", "小店自卖", "unknown"),
        ("-", "-", "鲁班广告", "unknown"),
        ("-", "-", "-", "unknown"),
        ("元宇宙", "直播", "-", "unknown"),
    ],
)
def test_the_source_follows_the_genre_then_the_ad_then_the_channel(
    files: Files, genre: str, ad: str, channel: str, source: str
) -> None:
    assert files.read(order(流量体裁=genre, 广告渠道=ad, 流量来源=channel)).row["source"] == source


def test_without_a_genre_column_the_ad_channel_tells_the_source(files: Files) -> None:
    assert files.read(without(order(广告渠道="短视频"), "流量体裁")).row["source"] == "short_video"


def test_without_any_traffic_column_there_is_no_source(files: Files) -> None:
    read = files.read(without(order(), "流量体裁", "广告渠道", "流量来源"))
    assert "source" not in read.parsed.tables["order_lines"].present


def test_pending_sources_are_told(files: Files) -> None:
    read = files.read(order(0, 流量体裁="数据将于第二天更新"), order(1))
    assert read.found("source_pending") == (1, 2)


def test_without_a_discount_column_the_payable_amount_is_the_paid_one_and_it_says_so(files: Files) -> None:
    read = files.read(without(order(), "支付优惠"))
    assert read.row["paid_amount"] == 9000
    assert read.found("payment_discount_absent") == (1, 1)


def test_without_a_pay_time_the_status_tells_who_paid(files: Files) -> None:
    words = ["待支付", "待发货", "已发货", "已完成", "已关闭", "神游中"]
    read = files.read(*(without(order(n, 订单状态=word), "支付完成时间") for n, word in enumerate(words)))
    assert read.column("paid_by_status") == [False, True, True, True, None, None]
    assert read.found("paid_by_status") == (6, 6)
    assert read.warned("paid_unknown") == [(None, None, 2)]


def test_with_a_pay_time_the_status_says_nothing_about_paying(files: Files) -> None:
    assert "paid_by_status" not in files.read(order()).row


def test_without_sub_order_numbers_equal_goods_are_told_by_their_turn(files: Files) -> None:
    rows = [
        without(order(), "子订单编号"),
        without(order(), "子订单编号"),
        without(order(商品规格="蓝色;M"), "子订单编号"),
    ]
    read = files.read(*rows)
    assert read.parsed.format == "douyin_orders"
    assert read.counts == (3, 3, 0)
    assert len(set(read.column("line_id"))) == 3
    assert read.found("line_numbers_made") == (3, 3)
    assert files.read(*rows).column("line_id") == read.column("line_id")


def test_named_discounts_of_older_exports_are_amounts(files: Files) -> None:
    row = files.read(order(商家优惠="618-满减券-5.00", 平台优惠="新人券")).row
    assert (row["merchant_discount"], row["platform_discount"]) == (500, None)


def test_only_the_merchants_price_change_may_be_negative(files: Files) -> None:
    read = files.read(order(0, 商家改价="-3.00"), order(1, 商家改价="0", 运费="-1.00"))
    assert read.column("price_change_amount") == [-300]
    assert read.rejects == [(3, "amount_negative", "运费")]


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("1793606400_0123456789abcdef0123456789abcdefQWERTYU.csv", datetime(2026, 11, 2, 16, 0)),
        ("orders.csv", None),
        ("1793606400.csv", None),
        ("9999999999_0123456789abcdef0123456789abcdefQ.csv", None),
    ],
)
def test_the_export_time_stands_in_the_file_name(files: Files, name: str, moment: datetime | None) -> None:
    path = files.orders(order(), name=name)
    assert files.parse(path).parsed.exported_at == moment


def test_a_header_nobody_knows_is_told_and_everything_else_is_read(files: Files) -> None:
    read = files.read(order() | {"外星列": "1"})
    assert read.warned("unknown_header") == [("外星列", None, 1)]
    assert read.counts == (1, 1, 0)


def test_columns_are_shown_with_what_they_were_read_as(files: Files) -> None:
    seen = {one.header: one.field for one in files.read(order() | {"外星列": "1"}).parsed.columns}
    assert seen["主订单编号"] == "order_id"
    assert seen["外星列"] is None


def test_a_preview_shows_the_first_typed_rows(files: Files) -> None:
    read = files.parse(files.orders(*(order(n) for n in range(80))), preview=True)
    assert len(read.parsed.preview_rows) == 50
    assert read.parsed.preview_rows[0]["paid_amount"] == 8750


def test_presence_of_sign_times_is_told(files: Files) -> None:
    assert files.read(order()).found("sign_time_absent") == (1, 1)
