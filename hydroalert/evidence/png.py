"""The structure of a PNG file (W3C PNG, third edition): its chunks one after the other, no pixel decoded. Pure."""

import zlib
from collections.abc import Iterator
from mmap import mmap

from hydroalert.evidence.picture import Kind, Refusal, Survey, Word

_MAX_CHUNKS = 10_000
_MAX_INFLATED_BYTES = 1_000_000
_SIGNATURE_BYTES, _AROUND_BYTES = 8, 12
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})


def survey_png(data: bytes | mmap) -> Survey | Refusal:
    """Where the picture ends, and how large it says that it is; its EXIF chunk. What is compressed beside the pixels
    is inflated here, within bounds: a decoder would do it without."""
    size, exif, left = None, None, _MAX_INFLATED_BYTES
    for number, (name, at, length) in enumerate(_chunks(data)):
        end = at + length + 4
        if end > len(data):
            return Refusal(Word.TRUNCATED)
        if (name == b"IHDR") != (number == 0) or number > _MAX_CHUNKS:
            return Refusal(Word.DAMAGED if number <= _MAX_CHUNKS else Word.TOO_MUCH_INSIDE)
        if name == b"IHDR":
            size = int.from_bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 8])
        elif name == b"acTL":
            return Refusal(Word.ANIMATED)
        elif name == b"eXIf" and length <= 65_536:
            exif = bytes(data[at : at + length])
        elif name in _TEXTS:
            left -= length + _inflated_bytes(data[at : at + length], left)
            if left < 0:
                return Refusal(Word.TOO_MUCH_INSIDE)
        elif name == b"IEND":
            return Survey(Kind.PNG, *size, end, exif) if size else Refusal(Word.DAMAGED)
    return Refusal(Word.TRUNCATED)


def _chunks(data: bytes | mmap) -> Iterator[tuple[bytes, int, int]]:
    """The name of each chunk, where its data begin, and their length, as long as a whole head stands there."""
    at = _SIGNATURE_BYTES
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        yield bytes(data[at + 4 : at + 8]), at + 8, length
        at += length + _AROUND_BYTES


def _inflated_bytes(body: bytes, most: int) -> int:
    """How many bytes a chunk's compressed part becomes, counted up to one more than `most`.

    It begins behind the keyword and a few bytes more, by the chunk's kind: wherever a zlib stream can be read.
    """
    for at in range(body.find(b"\x00") + 1, min(len(body), 512)):
        if body[at] & 0x0F != 8:  # no zlib stream begins so (RFC 1950, section 2.2)
            continue
        try:
            return len(zlib.decompressobj().decompress(body[at:], max(most, 0) + 1))
        except zlib.error:
            continue
    return 0
