"""Files that are something else than their name says."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
import zipfile

from tests.torture.declaration import Case, refused, taken
from tests.torture.making import book, csv, plain, xlsx, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
NO_TABLE = refused("not_a_table")
HTML = (
    "<html><head><meta charset=utf-8></head><body><table><tr><td>主订单编号</td></tr></table></body></html>"
)
XML_2003 = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook><Worksheet/></Workbook>'


def _sqlite() -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE a (b)")
        return connection.serialize()


CASES: tuple[Case, ...] = (
    plain("pdf-as-csv", lambda _: b"%PDF-1.7\n1 0 obj<<>>endobj\n" + bytes(range(256)) * 8, NO_TABLE),
    plain("png-as-workbook", lambda _: b"\x89PNG\r\n\x1a\n" + bytes(500), NO_TABLE, "xlsx"),
    plain("jpeg-as-csv", lambda _: b"\xff\xd8\xff\xe0" + bytes(range(256)), NO_TABLE),
    plain("old-workbook-as-new", lambda _: OLE + "Workbook".encode("utf-16-le"), NO_TABLE, "xlsx"),
    plain("old-workbook", lambda _: OLE + "Workbook".encode("utf-16-le"), NO_TABLE, "xls"),
    plain(
        "locked-workbook-that-is-damaged",
        lambda _: OLE + "EncryptedPackage".encode("utf-16-le") + bytes(64),
        refused("archive_damaged"),
        "xlsx",
    ),
    plain("web-page-as-old-workbook", lambda _: HTML.encode(), NO_TABLE, "xls"),
    plain("web-page-with-bom", lambda _: b"\xef\xbb\xbf\r\n" + HTML.encode(), NO_TABLE, "xls"),
    plain("web-page-in-utf-16", lambda _: HTML.encode("utf-16"), NO_TABLE, "xls"),
    plain("xml-of-2003", lambda _: XML_2003.encode(), NO_TABLE, "xls"),
    plain("log-in-page-instead-of-an-export", lambda _: b"\n\n<!DOCTYPE html><title>login</title>", NO_TABLE),
    plain(
        "answer-of-a-server",
        lambda _: json.dumps({"code": 401, "msg": "请登录"}).encode(),
        refused("format_unknown"),
    ),
    plain("gzip-as-csv", lambda n: gzip.compress(csv(n.rows(2)), mtime=0), NO_TABLE),
    plain("rar", lambda _: b"Rar!\x1a\x07\x01\x00" + bytes(200), NO_TABLE, "rar"),
    plain("seven-zip", lambda _: b"7z\xbc\xaf\x27\x1c" + bytes(200), NO_TABLE, "zip"),
    plain("database", lambda _: _sqlite(), NO_TABLE),
    plain("program", lambda _: b"MZ\x90\x00" + bytes(300), NO_TABLE),
    plain(
        "document",
        lambda _: zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
        NO_TABLE,
        "docx",
    ),
    plain("open-document", lambda _: zipped({"mimetype": b"x", "content.xml": b"<x/>"}), NO_TABLE, "ods"),
    plain(
        "binary-workbook",
        lambda _: zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": bytes(50)}),
        NO_TABLE,
        "xlsb",
    ),
    plain("noise", lambda _: random.Random(1).randbytes(20_000), NO_TABLE),  # noqa: S311 - no secret
    plain("csv-as-workbook", lambda n: csv(n.rows(2)), taken(2), "xlsx"),
    plain("workbook-as-csv", lambda n: book(n.rows(2)), taken(2)),
    plain("table-of-something-else", lambda _: b"a,b\r\n1,2\r\n", refused("format_unknown")),
    plain(
        "workbook-of-something-else",
        lambda _: xlsx({"S": [["a", "b"], ["1", "2"]]}),
        refused("format_unknown"),
        "xlsx",
    ),
    plain(
        "stored-zip-as-csv",
        lambda n: zipped({"a.csv": csv(n.rows(2))}, zipfile.ZIP_STORED),
        {"a.csv": taken(2)},
    ),
)
