"""Pictures good and hostile, made by code: what a citizen sends, and what somebody sends who means no good."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from hydroalert.evidence.picture import Word

Case = tuple[bytes, Word]
HTML = b"<html><script>alert(1)</script></html>"
ZIP = b"PK\x03\x04" + bytes(26) + b"a.class" + b"PK\x05\x06" + bytes(18)
MP4 = struct.pack(">I", 24) + b"ftypmp42" + bytes(12) + random.Random(4).randbytes(50_000)
LATITUDE, LONGITUDE = (6.0, 55.0, 37.56), (79.0, 51.0, 40.32)  # 6.9271 N 79.8612 E


def scene(seed: int = 1, size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """A picture with something in it, the same for the same seed."""
    dice = random.Random(seed)
    picture = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for _ in range(40):
        left, top = dice.randrange(600), dice.randrange(440)
        box = (left, top, left + dice.randrange(20, 200), top + dice.randrange(20, 160))
        colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256))
        (draw.ellipse if dice.random() < 0.5 else draw.rectangle)(box, fill=colour)
    return picture.resize(size).convert(mode)


def saved(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """As a file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def exif(*, orientation: int = 1, place: bool = True, offset: str | None = "+05:30") -> bytes:
    """What a telephone writes: who made it, how it was held, where and when."""
    tags = Image.Exif()
    tags.update({0x010F: "SECRET-MAKER", 0x0110: "SECRET-MODEL", 0x0112: orientation})
    tags.get_ifd(0x8769).update({0x9003: "2026:11:20 12:30:00"} | ({0x9011: offset} if offset else {}))
    if place:
        tags.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: LONGITUDE})
    return tags.tobytes()


def tiff(*directories: bytes, order: str = "<") -> bytes:
    """A TIFF structure whose first directory begins at 8."""
    return (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "I", 8) + b"".join(directories)


def directory(*entries: tuple[int, int, int, int], following: int = 0, told: int | None = None) -> bytes:
    """One directory of (tag, type, count, value or offset), which says that it has `told` entries."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries) if told is None else told) + body + struct.pack("<I", following)


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment behind its beginning."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def with_chunk(png: bytes, name: bytes, body: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    return png[:33] + chunk(name, body) + png[33:]


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG that says that it has this size, in grey, with these bytes as its compressed pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def resized_header(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header says that it has another size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def good() -> dict[str, bytes]:
    """Small ones of every kind that is read, plain enough to be mutated."""
    picture = scene(size=(160, 120))
    return {
        "jpeg": saved(picture, exif=exif()),
        "progressive": saved(picture, progressive=True),
        "cmyk": saved(scene(size=(160, 120), mode="CMYK")),
        "png": saved(picture, "PNG", exif=exif()),
        "palette": saved(picture.quantize(16), "PNG", transparency=3),
        "interlaced": saved(picture, "PNG", interlace=1),
        "16-bit": saved(Image.new("I;16", (40, 30), 40_000), "PNG"),
        "grey-alpha": saved(scene(size=(90, 90), mode="LA"), "PNG"),
        "1-bit": saved(scene(size=(90, 90), mode="1"), "PNG"),
        "1x1": saved(Image.new("RGB", (1, 1)), "PNG"),
        "webp": saved(picture, "WEBP", exif=exif()),
        "lossless": saved(scene(size=(160, 120), mode="RGBA"), "WEBP", lossless=True),
    }


def harmless() -> dict[str, bytes]:
    """Odd, but what telephones and editors write; or wrong where it does not matter."""
    jpeg, png = saved(scene()), saved(scene(), "PNG")
    return {
        "motion-photo": jpeg + MP4,
        "several-pictures": jpeg + jpeg,
        "padding": jpeg + bytes(4_096),
        "html-in-a-comment": with_segment(jpeg, 0xFE, HTML),
        "exif-to-itself": with_segment(jpeg, 0xE1, b"Exif\0\0" + tiff(directory((0x8825, 4, 1, 8), following=8))),
        "exif-counts": with_segment(jpeg, 0xE1, b"Exif\0\0" + tiff(directory((0x8825, 4, 2**32 - 1, 2**32 - 1)))),
        "exif-entries": with_segment(jpeg, 0xE1, b"Exif\0\0" + tiff(directory(told=65_535))),
        "exif-beyond": with_segment(jpeg, 0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),
        "exif-garbage": with_segment(jpeg, 0xE1, b"Exif\0\0" + random.Random(5).randbytes(60_000)),
        "profile-garbage": with_segment(jpeg, 0xE2, b"ICC_PROFILE\0\1\1" + random.Random(6).randbytes(9_000)),
        "html-in-a-text": with_chunk(png, b"tEXt", b"Comment\0" + HTML),
        "bomb-that-nobody-inflates": with_chunk(png, b"tEXt", b"Comment\0" + zlib.compress(bytes(20_000_000))),
    }


def hostile() -> dict[str, Case]:
    """Each with the word that it is refused with."""
    jpeg, png, webp = saved(scene()), saved(scene(), "PNG"), saved(scene(), "WEBP")
    bomb = zlib.compress(bytes(20_000_000))
    cases: dict[str, Case] = {
        "nothing": (b"", Word.NOT_A_PICTURE),
        "one-byte": (b"\xff", Word.NOT_A_PICTURE),
        "text": (b"The water is at my door", Word.NOT_A_PICTURE),
        "html": (HTML, Word.NOT_A_PICTURE),
        "random": (random.Random(2).randbytes(100_000), Word.NOT_A_PICTURE),
        "zip-around": (jpeg + ZIP, Word.TRAILING_DATA),
        "html-behind": (jpeg + HTML, Word.TRAILING_DATA),
        "html-far-behind": (jpeg + bytes(70_000) + HTML.upper(), Word.TRAILING_DATA),
        "pdf-behind": (jpeg + b"\n%PDF-1.7", Word.TRAILING_DATA),
        "program-behind": (jpeg + b"\x7fELF" + bytes(60), Word.TRAILING_DATA),
        "script-behind": (png + b"#!/bin/sh\nid\n", Word.TRAILING_DATA),
        "html-behind-png": (png + HTML, Word.TRAILING_DATA),
        "zip-behind-webp": (webp + ZIP, Word.TRAILING_DATA),
        "profile-bomb": (with_chunk(png, b"iCCP", b"icc\0\0" + bomb), Word.TOO_MUCH_INSIDE),
        "text-bomb": (with_chunk(png, b"zTXt", b"Comment\0\0" + bomb), Word.TOO_MUCH_INSIDE),
        "unicode-bomb": (with_chunk(png, b"iTXt", b"XML\0\1\0\0\0" + bomb), Word.TOO_MUCH_INSIDE),
        "many-chunks": (png[:33] + chunk(b"tEXt", b"") * 20_000 + png[33:], Word.TOO_MUCH_INSIDE),
        "many-segments": (jpeg[:2] + b"\xff\xfe\x00\x02" * 5_000 + jpeg[2:], Word.TOO_MUCH_INSIDE),
        "many-scans": (jpeg[:-2] + jpeg[jpeg.index(b"\xff\xda") : -2] * 99 + jpeg[-2:], Word.TOO_MUCH_INSIDE),
        "two-frames": (with_segment(jpeg, 0xC0, b"\x08\x00\x08\x00\x08\x01\x01\x11\x00"), Word.DAMAGED),
        "no-height": (resized_header(jpeg, 640, 0), Word.DAMAGED),
        "wrong-pixels": (png_of(64, 64, b"\x00" * 100), Word.DAMAGED),
        "too-few-pixels": (png_of(64, 64, zlib.compress(bytes(100))), Word.TRUNCATED),
        "no-width": (png_of(0, 9, zlib.compress(b"")), Word.DAMAGED),
        "pixel-bomb-png": (png_of(100_000, 100_000, bomb), Word.TOO_MANY_PIXELS),
        "pixel-bomb-jpeg": (resized_header(jpeg, 65_500, 65_500), Word.TOO_MANY_PIXELS),
        "pixel-bomb-webp": (webp[:26] + b"\xff\x3f\xff\x3f" + webp[30:], Word.TOO_MANY_PIXELS),
        "50-megapixel-jpeg": (saved(Image.new("L", (10_000, 5_000))), Word.TOO_MANY_PIXELS),
        "50-megapixel-png": (saved(Image.new("1", (10_000, 5_000)), "PNG"), Word.TOO_MANY_PIXELS),
        "moving-png": (_moving("PNG"), Word.ANIMATED),
        "moving-webp": (_moving("WEBP"), Word.ANIMATED),
    }
    for tenth in range(1, 10):
        for name, whole in (("jpeg", jpeg), ("png", png), ("webp", webp)):
            cases[f"{name}-cut-at-{tenth}0-percent"] = (whole[: len(whole) * tenth // 10], Word.TRUNCATED)
    return cases | {name: (data, Word.UNSUPPORTED_TYPE) for name, data in unsupported().items()}


def unsupported() -> dict[str, bytes]:
    """Of a kind that is known and not read; by the word that the answer names it with."""
    entity = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
    return {
        "a GIF": saved(scene(), "GIF") + ZIP,
        "a TIFF": saved(scene(), "TIFF"),
        "a BMP": saved(scene(), "BMP"),
        "a PDF": b"%PDF-1.4\n" + saved(scene()),
        "a HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
        "an AVIF": saved(scene(size=(16, 16)), "AVIF"),
        "a film": MP4,
        "a ZIP": ZIP,
        "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "an SVG, read": entity,
    }


def mutants(count: int, seed: int) -> list[bytes]:
    """Good pictures with a few bytes changed, cut out, doubled or replaced by what decoders stumble over."""
    dice, pictures = random.Random(seed), list(good().values())
    return [_mutated(dice.choice(pictures), dice) for _ in range(count)]


def _mutated(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(changed) if dice.random() < 0.5 else min(len(changed), 700))
        changed = dice.choice(_CHANGES)(changed, at, dice)
    return bytes(changed)


def _flip(data: bytearray, at: int, dice: random.Random) -> bytearray:
    data[at] ^= 1 << dice.randrange(8)
    return data


def _extreme(data: bytearray, at: int, dice: random.Random) -> bytearray:
    width = dice.choice([1, 2, 4])
    data[at : at + width] = dice.choice([b"\x00", b"\xff", b"\x7f", b"\x80"]) * width
    return data


def _cut(data: bytearray, at: int, dice: random.Random) -> bytearray:
    gone = data[:at] + data[at + dice.randrange(1, 40) :]
    return gone or data


def _double(data: bytearray, at: int, dice: random.Random) -> bytearray:
    return data[:at] + data[at : at + dice.randrange(1, 60)] + data[at:]


_CHANGES: list[Callable[[bytearray, int, random.Random], bytearray]] = [_flip, _extreme, _cut, _double]


def _moving(kind: str) -> bytes:
    return saved(scene(1), kind, save_all=True, append_images=[scene(2)], duration=100)


def with_everything() -> dict[str, bytes]:
    """Every kind of metadata, each with the word SECRET in it."""
    picture, told = scene(), exif()
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">SECRET</x:xmpmeta>'
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "SECRET")
    texts.add_itxt("XML:com.adobe.xmp", "SECRET", zip=True)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0b\x1c\x02\x19\0\x06SECRET\0"
    jpeg = saved(picture, exif=told, comment=b"SECRET", xmp=xmp, icc_profile=_profile())
    return {
        "jpeg": with_segment(jpeg, 0xED, iptc),
        "png": saved(picture, "PNG", exif=told, pnginfo=texts, icc_profile=_profile()),
        "webp": saved(picture, "WEBP", exif=told, xmp=xmp, icc_profile=_profile()),
    }


def _profile() -> bytes:
    return (
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB built-in", b"SECRET-bui-in")
    )
