"""Pictures of a drill: small ones that a telephone might have taken, and some that nobody should take."""

import io
import struct
import zlib
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 320, 240


def photograph(dice: Random) -> bytes:
    """A picture that no other is like, as a JPEG or a PNG of a few kilobytes."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), _colour(dice))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        left, top = dice.randrange(WIDTH), dice.randrange(HEIGHT)
        draw.ellipse((left, top, left + dice.randrange(20, 120), top + dice.randrange(20, 120)), fill=_colour(dice))
    return _saved(picture, dice.choice(("JPEG", "PNG")))


def hostile(dice: Random) -> bytes:
    """Something else: half a picture, a drawing that is a program, a bomb, a picture with a stowaway."""
    whole = photograph(dice)
    return dice.choice((whole[: len(whole) // 2], _SCRIPT, _bomb(), whole + b"PK\x03\x04" + dice.randbytes(64)))


_SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _bomb() -> bytes:
    """A PNG of a few bytes that says it has 2.5 thousand million pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _saved(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def _colour(dice: Random) -> tuple[int, int, int]:
    return dice.randrange(256), dice.randrange(256), dice.randrange(256)
