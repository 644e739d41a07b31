"""Pictures nobody trusts: read whole, written again without metadata, made small; in the child process."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, ImageSequence

from shopdata.errors import Refused

FORMS = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
MOST_PIXELS = 150_000_000
LONGEST_SIDE = 900
DAMAGED = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error, zlib.error)
# What a picture needs to look as it did; everything else of ``info`` is metadata.
KEPT = ("icc_profile", "transparency", "background", "duration", "loop", "disposal")
SAVED: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95, "method": 4},
}


def looked_at(path: Path, clean: Path | None = None, preview: Path | None = None) -> str:
    """The kind of the picture; see ``client.Parser.picture``. Raises ``Refused``."""
    Image.MAX_IMAGE_PIXELS = None  # measured below, with a sentence
    try:
        with Image.open(path, formats=tuple(FORMS)) as picture:
            form = str(picture.format)
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("evidence_pixels", limit=MOST_PIXELS // 1_000_000)
            picture.load()
            if clean is not None:
                _write_clean(picture, form, clean)
            if preview is not None:
                picture.seek(0)
                _write_preview(picture, preview)
    except DAMAGED as fault:
        if isinstance(fault, OSError) and fault.errno:
            raise
        raise Refused("evidence_damaged") from fault
    return FORMS[form]


def _write_clean(picture: Image.Image, form: str, target: Path) -> None:
    """The same pixels, upright, without EXIF, places, comments and thumbnails."""
    if getattr(picture, "is_animated", False):
        frames = [_bare(frame.copy()) for frame in ImageSequence.Iterator(picture)]
        more = {"save_all": True, "append_images": frames[1:]}
        frames[0].save(target, form, **SAVED.get(form, {}), **more, **_kept(picture))
        return
    upright = _bare(ImageOps.exif_transpose(picture))
    upright.save(target, form, **SAVED.get(form, {}), **_kept(picture))


def _bare(picture: Image.Image) -> Image.Image:
    picture.info = {}
    return picture


def _kept(picture: Image.Image) -> dict[str, Any]:
    return {name: picture.info[name] for name in KEPT if picture.info.get(name) is not None}


def _write_preview(picture: Image.Image, target: Path) -> None:
    small = ImageOps.exif_transpose(picture)
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = small.convert("RGBA")
    white = Image.new("RGB", plain.size, "white")
    white.paste(plain, mask=plain.getchannel("A"))
    white.save(target, "JPEG", quality=80)
