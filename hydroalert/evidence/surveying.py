"""A file before anything of it is decoded: what it is, how large, where it ends, and what hangs behind. Pure."""

import re
from mmap import mmap

from hydroalert.evidence.jpeg import survey_jpeg
from hydroalert.evidence.kinds import HEAD_BYTES, kind_of
from hydroalert.evidence.picture import MAX_PIXELS, Kind, Refusal, Survey, Word
from hydroalert.evidence.png import survey_png
from hydroalert.evidence.webp import survey_webp

_SURVEYS = {Kind.JPEG: survey_jpeg, Kind.PNG: survey_png, Kind.WEBP: survey_webp}

# Phones hang films, depth maps and further pictures behind a picture's end. Nothing of that is kept, so it is let
# pass; but what another program would run or open as its own is there on purpose, and not a citizen's.
_RUNNABLE = re.compile(
    rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|%PDF-|<script|<html|<!doctype|<svg|<\?php|\A\s*(?:\x7fELF|MZ|#!|GIF8|<)",
    re.IGNORECASE,
)
_ZIP_HEAD, _ZIP_END = b"PK\x03\x04", b"PK\x05\x06"


def survey(data: bytes | mmap) -> Survey | Refusal:
    """What the file holds by its structure, or why it is not taken."""
    kind = kind_of(data[:HEAD_BYTES])
    if isinstance(kind, Refusal):
        return kind
    found = _SURVEYS[kind](data)
    if isinstance(found, Refusal):
        return found
    if not (found.width and found.height):
        return Refusal(Word.DAMAGED)
    if found.width * found.height > MAX_PIXELS:
        return Refusal(Word.TOO_MANY_PIXELS)
    return Refusal(Word.TRAILING_DATA) if _runs(data[found.end :]) else found


def _runs(trailing: bytes) -> bool:
    return _RUNNABLE.search(trailing) is not None or (_ZIP_HEAD in trailing and _ZIP_END in trailing)
