"""The look of an evidence pack's pages: paper, letters, tables, pictures.

Chinese is set in WenQuanYi Micro Hei (Apache-2.0), of which the PDF carries the glyphs it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import CondPageBreak, Image, Paragraph, SimpleDocTemplate, Table, TableStyle

FONT, FONT_FILE = "shopdata-hei", Path(__file__).parent / "fonts" / "wqy-microhei.ttc"
MARGIN, WIDTH = 16 * mm, A4[0] - 32 * mm
PICTURE = (82 * mm, 72 * mm)
MISSING_GLYPH = "\u25a1"
GREY, LINE, SHADE = colors.HexColor("#5f6670"), colors.HexColor("#c9ced6"), colors.HexColor("#f2f4f7")
BODY = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=13.5, wordWrap="CJK")
SMALL = ParagraphStyle("small", BODY, fontSize=7.5, leading=11, textColor=GREY)
TITLE = ParagraphStyle("title", BODY, fontSize=17, leading=23)
HEAD = ParagraphStyle("head", BODY, fontSize=12, leading=17, spaceBefore=10, spaceAfter=4)
NAMED = ParagraphStyle("named", BODY, fontSize=9.5, leading=14, spaceBefore=4)
GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, LINE),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)
FACTS = TableStyle([*GRID.getCommands()[2:], ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE)])


@cache
def glyphs() -> frozenset[int]:
    """The letters the font has; loading it makes it known by its name."""
    font = TTFont(FONT, str(FONT_FILE), subfontIndex=0)
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


def shown(text: object) -> str:
    """A text as a paragraph takes it: no markup, no sign that steers, a box for what the font lacks."""
    known = glyphs()
    letters = (sign for sign in str(text).replace("\r\n", "\n") if sign == "\n" or sign.isprintable())
    plain = "".join(sign if sign == "\n" or ord(sign) in known else MISSING_GLYPH for sign in letters)
    return escape(plain).replace("\n", "<br/>")


def paragraph(text: object, style: ParagraphStyle = BODY) -> Paragraph:
    """A text of the page."""
    return Paragraph(shown(text), style)


def heading(text: object, room: float = 40 * mm) -> list[Any]:
    """A heading, on the next page where less than ``room`` is left below it."""
    return [CondPageBreak(room), paragraph(text, HEAD)]


def build(path: Path, title: str, parts: list[Any], number: str) -> None:
    """Write the PDF; ``number``: the words of a page number with ``{n}``."""
    document = SimpleDocTemplate(
        str(path), pagesize=A4, title=title, author="shopdata", lang="zh-CN",
        leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=18 * mm,
    )  # fmt: skip

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFont(FONT, 7.5)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN, 10 * mm, title)
        canvas.drawRightString(A4[0] - MARGIN, 10 * mm, number.format(n=page.page))

    document.build(parts, onFirstPage=foot, onLaterPages=foot)


def table(rows: Sequence[Sequence[object]], widths: Sequence[float], style: TableStyle = GRID) -> Table:
    """Rows (the first one is the header of a grid); ``widths`` are shares of the page."""
    cells = [[paragraph(cell) for cell in row] for row in rows]
    is_grid = int(style is GRID)
    total = sum(widths)
    return Table(
        cells,
        [WIDTH * one / total for one in widths],
        style=style,
        repeatRows=is_grid,
        splitInRow=is_grid,
    )


def picture(path: Path) -> Image:
    """A small picture within its frame."""
    width, height = ImageReader(str(path)).getSize()
    scale = min(PICTURE[0] / width, PICTURE[1] / height)
    return Image(str(path), width * scale, height * scale)
