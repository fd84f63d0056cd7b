"""The structure of a PNG file (W3C PNG, third edition): its chunks one after the other, no pixel decoded. Pure."""

import re
import zlib
from collections.abc import Iterator
from itertools import islice
from mmap import mmap
from typing import NamedTuple

from hydroalert.evidence.picture import Kind, Refusal, Survey, Word

_MAX_CHUNKS = 10_000
_MAX_INFLATED_BYTES = 1_000_000
_MAX_EXIF_BYTES = 65_536
_SIGNATURE_BYTES = 8
_NAMED = re.compile(rb"[^\0]*\0.", re.DOTALL)  # a name, and the method
_WORDED = re.compile(rb"[^\0]*\0[^\0].[^\0]*\0[^\0]*\0", re.DOTALL)  # a word, that it is, the method, two words more
_COMPRESSED = {b"zTXt": _NAMED, b"iCCP": _NAMED, b"iTXt": _WORDED}
"""What stands in such a chunk before its compressed part, if it has one."""
_TEXTS = frozenset({b"tEXt", *_COMPRESSED})


class _Chunk(NamedTuple):
    name: bytes
    at: int
    length: int


def survey_png(data: bytes | mmap) -> Survey | Refusal:
    """Where the picture ends, and how large it says that it is; its EXIF chunk. What is compressed beside the pixels
    is inflated here, within bounds: a decoder might do it without."""
    chunks = list(islice(_chunks(data), _MAX_CHUNKS))
    names = [chunk.name for chunk in chunks]
    if len(chunks) == _MAX_CHUNKS or not _is_modest(data, chunks):
        return Refusal(Word.TOO_MUCH_INSIDE)
    if b"IEND" not in names:
        return Refusal(Word.TRUNCATED)
    first = chunks[0]
    if names.count(b"IHDR") != 1 or first.name != b"IHDR" or first.length != 13:
        return Refusal(Word.DAMAGED)
    if b"acTL" in names:
        return Refusal(Word.ANIMATED)
    width, height = int.from_bytes(data[first.at : first.at + 4]), int.from_bytes(data[first.at + 4 : first.at + 8])
    hinting = (chunk for chunk in chunks if chunk.name == b"eXIf" and chunk.length <= _MAX_EXIF_BYTES)
    exif = next((data[chunk.at : chunk.at + chunk.length] for chunk in hinting), None)
    return Survey(Kind.PNG, width, height, chunks[-1].at + chunks[-1].length + 4, exif)


def _chunks(data: bytes | mmap) -> Iterator[_Chunk]:
    """Each whole chunk, to the end of the picture or of the file."""
    at = _SIGNATURE_BYTES
    while at + 12 <= len(data):
        chunk = _Chunk(data[at + 4 : at + 8], at + 8, int.from_bytes(data[at : at + 4]))
        at = chunk.at + chunk.length + 4
        if at > len(data):
            return
        yield chunk
        if chunk.name == b"IEND":
            return


def _is_modest(data: bytes | mmap, chunks: list[_Chunk]) -> bool:
    """Whether texts and profiles, inflated, are no longer together than any camera or editor makes them."""
    left = _MAX_INFLATED_BYTES
    for chunk in chunks:
        if chunk.name in _TEXTS:
            left -= chunk.length
            left -= 0 if left < 0 else _inflated_bytes(chunk.name, data[chunk.at : chunk.at + chunk.length], left)
        if left < 0:
            return False
    return True


def _inflated_bytes(name: bytes, body: bytes, most: int) -> int:
    """How many bytes a chunk's compressed part becomes, counted up to one more than `most`."""
    compressed = _COMPRESSED[name].match(body) if name in _COMPRESSED else None
    if compressed is None:
        return 0
    try:
        return len(zlib.decompressobj().decompress(body[compressed.end() :], most + 1))
    except zlib.error:
        return 0
