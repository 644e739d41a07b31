"""Files people might attach, made here byte by byte or by Pillow, and where their places would be told."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

PLACE = 34853
CAMERA = 0x010F
ORIENTATION = 0x0112
MAKER = "CanaryCamera"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00\x00\x00\x08mdat" + b"v" * 64
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
HTML = "聊天记录 <html><body onload=alert(1)>".encode()


def picture(form: str, *, turned: bool = False, colour: str = "red") -> bytes:
    """A picture of 40 × 20 whose left half is coloured and whose right half is white, with a place, a camera
    and a comment told where the form can; ``turned``: stored on its side, to be shown upright by EXIF."""
    image = Image.new("RGB", (40, 20), "white")
    image.paste(Image.new("RGB", (20, 20), colour), (0, 0))
    if turned:
        image = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[CAMERA] = MAKER
    exif[ORIENTATION] = 6 if turned else 1
    exif.get_ifd(PLACE).update({1: "N", 2: (30.0, 15.0, 0.0), 3: "E", 4: (120.0, 9.0, 0.0)})
    out = BytesIO()
    more = {"comment": MAKER.encode()} if form in ("JPEG", "GIF") else {}
    image.save(out, form, **({} if form == "GIF" else {"exif": exif}), **more)
    return out.getvalue()


def write(folder: Path, name: str, data: bytes) -> Path:
    """The bytes as a file of this name."""
    path = folder / name
    path.write_bytes(data)
    return path
