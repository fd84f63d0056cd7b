"""The structure of a JPEG file (ITU-T T.81, annex B): its segments one after the other, nothing decoded. Pure."""

import re
from collections.abc import Iterator
from itertools import islice
from mmap import mmap
from typing import NamedTuple

from hydroalert.evidence.picture import Kind, Refusal, Survey, Word

_MAX_SEGMENTS = 2_000
_MAX_SCANS = 32  # a decoder goes over all pixels for each: a thousand empty ones would keep it busy for minutes
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")  # any but fill bytes, stuffed zeros and restarts
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOI, _EOI, _SOS, _APP1 = 0xD8, 0xD9, 0xDA, 0xE1
_EXIF = b"Exif\x00\x00"


class _Segment(NamedTuple):
    marker: int
    body: bytes
    end: int


def survey_jpeg(data: bytes | mmap) -> Survey | Refusal:
    """Where the picture ends, and how large it says that it is; its first EXIF segment."""
    segments = list(islice(_segments(data), _MAX_SEGMENTS))
    markers = [segment.marker for segment in segments]
    if len(segments) == _MAX_SEGMENTS or markers.count(_SOS) > _MAX_SCANS:
        return Refusal(Word.TOO_MUCH_INSIDE)
    if _EOI not in markers:
        return Refusal(Word.TRUNCATED)
    frames = [segment.body for segment in segments if segment.marker in _SOF]
    if len(frames) != 1 or len(frames[0]) < 6 or _SOS not in markers or _SOI in markers:
        return Refusal(Word.DAMAGED)
    height, width = int.from_bytes(frames[0][1:3]), int.from_bytes(frames[0][3:5])
    texts = (segment.body for segment in segments if segment.marker == _APP1)
    exif = next((text.removeprefix(_EXIF) for text in texts if text.startswith(_EXIF)), None)
    return Survey(Kind.JPEG, width, height, segments[-1].end, exif)


def _segments(data: bytes | mmap) -> Iterator[_Segment]:
    """Each whole segment behind the first marker, to the end of the picture or of the file. What stands between is
    coded pixels, or what decoders skip."""
    found = _MARKER.search(data, 2)
    while found is not None:
        marker, at = found[1][0], found.end()
        length = 2 if marker in {_SOI, _EOI} else int.from_bytes(data[at : at + 2])
        end = at if marker in {_SOI, _EOI} else at + length
        if length < 2 or end > len(data):
            return
        yield _Segment(marker, data[at + 2 : end], end)
        if marker == _EOI:
            return
        found = _MARKER.search(data, end)
