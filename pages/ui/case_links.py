"""What a case is called in an address, and the way to it."""

from __future__ import annotations

from pages.ui.links import page_link
from shopdata.abnormal.reading import CaseKey

PARAMETER = "case"


def encode(key: CaseKey) -> str:
    """A case in an address: shop, kind and subject."""
    return f"{key.shop_id}:{key.kind}:{key.subject}"


def decode(text: str) -> CaseKey | None:
    """The case of an address, or ``None`` where it names none."""
    shop, _, rest = text.partition(":")
    kind, _, subject = rest.partition(":")
    if not (shop.isascii() and shop.isdecimal() and len(shop) < 10 and kind and subject):
        return None
    return CaseKey(int(shop), kind, subject)


def case_link(key: CaseKey, label: str) -> None:
    """A link to the page of a case."""
    page_link("case", label, icon=":material/folder_open:", **{PARAMETER: encode(key)})
