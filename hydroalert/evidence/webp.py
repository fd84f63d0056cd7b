"""The structure of a WebP file (RFC 9649): its chunks one after the other, no pixel decoded. Pure."""

from mmap import mmap

from hydroalert.evidence.picture import Kind, Refusal, Survey, Word

_MAX_CHUNKS = 1_000
_ANIMATION_FLAG = 0x02
_EXIF_PREFIX = b"Exif\x00\x00"


def survey_webp(data: bytes | mmap) -> Survey | Refusal:
    """Where the picture ends, and how large it says that it is, by the largest of what its chunks say; its EXIF."""
    end = 8 + int.from_bytes(data[4:8], "little")
    end += end % 2
    if end > len(data):
        return Refusal(Word.TRUNCATED)
    sizes: list[tuple[int, int]] = []
    exif, at = None, 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            width, height = (max(each) for each in zip(*sizes, strict=True)) if sizes else (0, 0)
            return Survey(Kind.WEBP, width, height, end, exif)
        name, length = bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            return Refusal(Word.DAMAGED)
        head = bytes(data[at + 8 : at + 18])
        if name in {b"ANIM", b"ANMF"} or (name == b"VP8X" and head[:1] and head[0] & _ANIMATION_FLAG):
            return Refusal(Word.ANIMATED)
        if name in _SIZES:
            sizes.append(_SIZES[name](head))
        if name == b"EXIF" and length <= 65_536:
            exif = bytes(data[at + 8 : at + 8 + length]).removeprefix(_EXIF_PREFIX)
        at += 8 + length + length % 2
    return Refusal(Word.TOO_MUCH_INSIDE)


def _canvas(head: bytes) -> tuple[int, int]:
    return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1


def _lossy(head: bytes) -> tuple[int, int]:
    return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF


def _lossless(head: bytes) -> tuple[int, int]:
    bits = int.from_bytes(head[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


_SIZES = {b"VP8X": _canvas, b"VP8 ": _lossy, b"VP8L": _lossless}
