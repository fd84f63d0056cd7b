"""What a picture may be, and what becomes of one: the words that its reading ends in. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

MAX_SENT_BYTES = 12_000_000
MAX_PIXELS = 40_000_000
MAX_EDGE_PIXELS = 4_096
"""The longer edge of what is kept."""
MAX_THUMBNAIL_PIXELS = 320


class Kind(StrEnum):
    """The formats that are read, as Pillow names them."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"

    @property
    def media_type(self) -> str:
        """Such as `image/jpeg`."""
        return f"image/{self.lower()}"


class Word(StrEnum):
    """Why a picture is not taken; each means the same everywhere and for ever."""

    NOT_A_PICTURE = "not-a-picture"
    UNSUPPORTED_TYPE = "unsupported-type"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too-many-pixels"
    ANIMATED = "animated"
    TRAILING_DATA = "trailing-data"
    TOO_MUCH_INSIDE = "too-much-inside"
    UNREADABLE = "unreadable"


WHAT_TO_DO = {
    Word.NOT_A_PICTURE: "This is no picture: send a JPEG, PNG or WebP file as it is, with nothing around it.",
    Word.UNSUPPORTED_TYPE: "Send the picture as JPEG, PNG or WebP.",
    Word.TRUNCATED: "The picture ends before its end: send all of it again.",
    Word.DAMAGED: "The picture's inside contradicts itself: open it, save it anew as JPEG, and send that.",
    Word.TOO_MANY_PIXELS: "The picture has more than 40 million pixels: make it smaller and send it again.",
    Word.ANIMATED: "Moving pictures are not taken: send a still one, such as a screenshot of it.",
    Word.TRAILING_DATA: "Behind the picture's end hangs something else: save the picture anew and send only that.",
    Word.TOO_MUCH_INSIDE: "The picture holds far more beside its pixels than any camera writes: save it anew as JPEG.",
    Word.UNREADABLE: "The picture could not be read in the time and memory that one has: save it anew as JPEG.",
}
"""What each word asks of the sender."""


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """A picture that is not taken. `seen`: what it seems to be, where that is known (`SVG`, `HEIC`)."""

    word: Word
    seen: str | None = None

    @property
    def detail(self) -> str:
        """What the sender is told."""
        seen = f"This is {self.seen}. " if self.seen else ""
        return seen + WHAT_TO_DO[self.word]


class Hints(msgspec.Struct, frozen=True):
    """What the picture's own metadata says: hints, for anyone can write anything there. WGS 84 degrees.

    `at`: when it was taken; None where the metadata names no offset from UTC, for then it is only a local time.
    """

    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    at: datetime | None = None


class Picture(msgspec.Struct, frozen=True, tag=True):
    """A picture that was read and made anew. `likeness`: see `evidence.likeness`, as a signed 64-bit integer."""

    sent_type: Kind
    width: Annotated[int, msgspec.Meta(ge=1, le=MAX_EDGE_PIXELS)]
    height: Annotated[int, msgspec.Meta(ge=1, le=MAX_EDGE_PIXELS)]
    likeness: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
    hints: Hints


class Survey(msgspec.Struct, frozen=True):
    """What a file's structure says before anything of it is decoded. `end`: where the picture ends, in bytes;
    `exif`: the TIFF structure of its EXIF metadata."""

    kind: Kind
    width: int
    height: int
    end: int
    exif: bytes | None = None
