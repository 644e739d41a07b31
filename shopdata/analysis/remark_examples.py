"""Remarks as examples of a tag, without what may tell who somebody is, for whoever reads them.

Numbers, names behind the words that announce them, addresses and accounts are taken out first; then only a
text that several orders share is shown. Where none is, the tag's own words stand alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from shopdata.imports.buyer_settings import RemarkTag, negations

HIDDEN, MOST, LONGEST, SHARED_BY = "***", 3, 24, 2
_PERSONAL = tuple(
    re.compile(pattern)
    for pattern in (
        r"[0-9０-９](?:[\s\-—·.]?[0-9０-９]){3,}",
        r"(?<=收件人|联系人|收货人)[:：是为\s]*[^\s,，。;；!！]+",
        r"(?<=我是|我叫|姓名|名字|署名|落款|转交|交给|送给|写给)[:：是为\s]*[^\s,，。;；!！]{1,8}",
        r"[\u4e00-\u9fff]{1,3}(?=先生|女士|小姐|老师|阿姨|叔叔|师傅|老板|经理|医生|同学)",
        r"[\u4e00-\u9fff]{2,3}(?=收(?:$|[\s,，。]))",
        r"(?<=[祝给])[\u4e00-\u9fff]{2,4}(?=生日|新婚|节日|快乐)",
        r"(?<=地址)[改换为到成是:：\s]+[^,，。;；!！]+",
        r"[\u4e00-\u9fff]{2,}(?:省|市|区|县|镇|街道|路|村|花园|大厦)[^\s,，。;；!！]*",
        r"[A-Za-z0-9_.@\-]{5,}",
    )
)


def impersonal(text: str) -> str:
    """The remark without what may tell who somebody is."""
    for pattern in _PERSONAL:
        text = pattern.sub(HIDDEN, text)
    return re.sub(r"\s+", " ", text).strip()


def taken_back(parts: Iterable[str]) -> str:
    """A pattern of the parts that stand right behind a negation, in lower case."""
    said = "|".join(re.escape(part.lower()) for part in sorted(parts, key=lambda part: (-len(part), part)))
    return f"({'|'.join(map(re.escape, negations()))})({said})"


def carries(text: str, tag: RemarkTag) -> bool:
    """Whether a remark carries a tag: the same rule the store counts by."""
    clean = re.sub(taken_back(tag.parts), "", text.lower())
    return any(part.lower() in clean for part in tag.parts)


def examples(texts: Sequence[tuple[str, int]], tag: RemarkTag) -> tuple[str, ...]:
    """The commonest remarks that carry the tag; ``texts`` are remarks and how many orders have each."""
    found: Counter[str] = Counter()
    for text, orders in texts:
        if carries(text, tag):
            found[_cut(impersonal(text))] += orders
    shown = [text for text, orders in found.most_common() if orders >= SHARED_BY and text != HIDDEN]
    if shown or not found:
        return tuple(shown[:MOST])
    said = Counter(part for text, n in texts for part in tag.parts if part.lower() in text.lower())
    return tuple(f"…{part}…" for part, _ in said.most_common(MOST))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
