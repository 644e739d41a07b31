"""Text is decoded strictly: UTF-8, else a proven GB18030, else a refusal at the first bad byte."""

import pytest

from shopdata.errors import Refused
from tests.ingest.support import Files, csv_text, order

ROWS = [order(n, 买家留言="麻烦快点，谢谢𠮷") for n in range(20)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom", "gb18030", "utf-32"]
)
def test_the_same_rows_come_from_any_encoding(files: Files, encoding: str) -> None:
    text = csv_text(ROWS)
    if encoding.endswith("-bom"):
        data = ("\ufeff" + text).encode(encoding.removesuffix("-bom"))
    else:
        data = text.encode(encoding)
    read = files.parse(files.write(data))
    assert read.counts == (20, 20, 0)
    assert read.column("buyer_note") == ["麻烦快点，谢谢𠮷"] * 20
    assert read.column("row") == list(range(2, 22))


def test_gbk_from_excel_is_read(files: Files) -> None:
    rows = [order(n) for n in range(3)]
    read = files.parse(files.write(csv_text(rows).encode("gbk")))
    assert read.parsed.encoding == "gb18030"
    assert read.column("city") == ["440100"] * 3


def test_another_encoding_is_refused_at_its_first_bad_byte(files: Files) -> None:
    data = csv_text(ROWS).encode("big5", "replace")
    with pytest.raises(Refused) as refusal:
        files.parse(files.write(data))
    assert refusal.value.code == "encoding_unknown"
    assert isinstance(refusal.value.details["offset"], int)


def test_a_gb18030_file_with_a_broken_byte_is_refused(files: Files) -> None:
    data = bytearray(csv_text(ROWS).encode("gb18030"))
    data[-200] = 0xFF
    with pytest.raises(Refused, match="encoding_unknown"):
        files.parse(files.write(bytes(data)))


def test_a_file_that_changes_its_encoding_is_refused_not_half_read(files: Files) -> None:
    head, _, body = csv_text(ROWS).partition("\r\n")
    with pytest.raises(Refused) as refusal:
        files.parse(files.write(head.encode() + b"\r\n" + body.encode("gbk", "replace")))
    assert refusal.value.code == "encoding_unknown"
    assert refusal.value.details["offset"] > len(head.encode())
