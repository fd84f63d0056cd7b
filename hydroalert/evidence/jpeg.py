"""The structure of a JPEG file (ITU-T T.81, annex B): its segments one after the other, nothing decoded. Pure."""

import re
from mmap import mmap

from hydroalert.evidence.picture import Kind, Refusal, Survey, Word

_MAX_SEGMENTS = 2_000
_MAX_SCANS = 64  # a decoder goes over all pixels for each: a thousand empty ones would keep it busy for minutes
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")  # any but fill bytes, stuffed zeros and restarts
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOI, _EOI, _SOS, _APP1 = 0xD8, 0xD9, 0xDA, 0xE1
_EXIF = b"Exif\x00\x00"


def survey_jpeg(data: bytes | mmap) -> Survey | Refusal:
    """Where the picture ends, and how large it says that it is; its first EXIF segment."""
    size: tuple[int, int] | None = None
    exif: bytes | None = None
    at, scans = 2, 0
    for _ in range(_MAX_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None:
            return Refusal(Word.TRUNCATED)
        marker = found[1][0]
        if marker == _EOI:
            return Survey(Kind.JPEG, *size, found.end(), exif) if size and scans else Refusal(Word.DAMAGED)
        body = _body(data, found.end())
        if body is None:
            return Refusal(Word.TRUNCATED)
        if marker == _SOI or (marker in _SOF and (size is not None or len(body) < 6)):
            return Refusal(Word.DAMAGED)
        if marker in _SOF:
            size = int.from_bytes(body[3:5]), int.from_bytes(body[1:3])
        if marker == _APP1 and exif is None and body.startswith(_EXIF):
            exif = body.removeprefix(_EXIF)
        scans += marker == _SOS
        if scans > _MAX_SCANS:
            return Refusal(Word.TOO_MUCH_INSIDE)
        at = found.end() + 2 + len(body)
    return Refusal(Word.TOO_MUCH_INSIDE)


def _body(data: bytes | mmap, at: int) -> bytes | None:
    """What a segment holds, without the two bytes of its length; None where the file ends before it does."""
    length = int.from_bytes(data[at : at + 2])
    body = data[at + 2 : at + length]
    return body if length >= 2 and len(body) == length - 2 else None
