"""Text from files made safe where widgets render markdown, and isolated in its writing direction."""

from __future__ import annotations

import re

WORD_JOINER = "\u2060"
ISOLATE, POP = "\u2068", "\u2069"
MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$^=&])")
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
OTHER_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def plain(text: object) -> str:
    """Text for literal widgets: control characters gone, one line, its direction kept to itself."""
    clean = OTHER_CONTROLS.sub("", BIDI_CONTROLS.sub("", str(text)))
    return f"{ISOLATE}{clean}{POP}" if RIGHT_TO_LEFT.search(clean) else clean


def escape(text: object) -> str:
    """Text for labels and markdown that must show exactly what it says.

    Every character markdown gives a meaning gets a backslash; ``:`` (icons, colours, addresses) and ``www.``
    (automatic links) are broken by an invisible word joiner; line breaks become spaces.
    """
    flat = re.sub(r"\s+", " ", plain(text)).strip()
    unlinked = re.sub(r"(?i)www\.", lambda found: f"{found[0][:3]}{WORD_JOINER}.", flat)
    unlinked = unlinked.replace("@", f"@{WORD_JOINER}")
    return MARKUP.sub(r"\\\1", unlinked).replace(":", f":{WORD_JOINER}")


def shortened(text: object, length: int = 24) -> str:
    """Text cut to ``length`` characters with an ellipsis, for chart labels; still not markdown-safe."""
    flat = plain(text)
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def in_figure(text: object, length: int = 24) -> str:
    """Text for a chart, where Plotly would read tags and entities."""
    return shortened(text, length).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
