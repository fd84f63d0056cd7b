"""A picture made anew from its pixels: upright, in sRGB, no larger than is needed, and with nothing else in it."""

from contextlib import suppress
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageCms

from hydroalert.evidence.exif import Exif
from hydroalert.evidence.hints import hints_of
from hydroalert.evidence.likeness import likeness_of
from hydroalert.evidence.picture import MAX_EDGE_PIXELS, MAX_THUMBNAIL_PIXELS, Kind, Picture, Refusal, Survey, Word

_QUALITY = 85
_THUMBNAIL_QUALITY = 80
_MAX_PROFILE_BYTES = 1_000_000
_READ_AS = {
    Kind.JPEG: {"JPEG", "MPO"},
    Kind.PNG: {"PNG"},
    Kind.WEBP: {"WEBP"},
}  # MPO: several JPEGs, one behind another
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_REDUCED_AS_THEY_ARE = frozenset({"RGB", "RGBA", "L", "LA", "CMYK"})


def remake(sent: BinaryIO, surveyed: Survey, picture: BinaryIO, thumbnail: BinaryIO) -> Picture | Refusal:
    """Write the picture and its thumbnail as JPEG. Raises whatever the decoder does of what it cannot read."""
    exif = Exif(surveyed.exif or b"")
    with Image.open(sent, formats=[surveyed.kind]) as opened:
        if opened.format not in _READ_AS[surveyed.kind] or opened.size != (surveyed.width, surveyed.height):
            return Refusal(Word.DAMAGED)
        shown = _upright(_in_srgb(opened), exif.orientation)
    shown.save(picture, "JPEG", quality=_QUALITY, optimize=True)
    width, height = shown.size
    likeness = likeness_of(shown)
    shown.thumbnail((MAX_THUMBNAIL_PIXELS, MAX_THUMBNAIL_PIXELS))
    shown.save(thumbnail, "JPEG", quality=_THUMBNAIL_QUALITY, optimize=True)
    return Picture(surveyed.kind, width, height, likeness, hints_of(exif))


def _in_srgb(opened: Image.Image) -> Image.Image:
    profile = opened.info.get("icc_profile")
    reduced = _without_transparency(_reduced(opened))
    if isinstance(profile, bytes) and len(profile) <= _MAX_PROFILE_BYTES:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):  # a profile that cannot be used is left out
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(reduced, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return converted or reduced.convert("RGB")
    return reduced.convert("RGB")


def _reduced(opened: Image.Image) -> Image.Image:
    """As large as is kept; the largest step in memory, and so the first."""
    if opened.mode.startswith("I"):  # 16 bits a sample
        opened = opened.convert("I").point(lambda sample: sample * (1 / 257)).convert("L")
    elif opened.mode not in _REDUCED_AS_THEY_ARE or "transparency" in opened.info:
        opened = opened.convert("RGBA")
    opened.thumbnail((MAX_EDGE_PIXELS, MAX_EDGE_PIXELS), Image.Resampling.LANCZOS)
    return opened


def _without_transparency(picture: Image.Image) -> Image.Image:
    if picture.mode not in {"RGBA", "LA"}:
        return picture
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The pixels alone, turned as the camera was held: a new picture carries none of the old one's metadata."""
    turned = picture.transpose(_TURNS[orientation]) if orientation in _TURNS else picture
    clean = Image.new("RGB", turned.size)
    clean.paste(turned)
    return clean
