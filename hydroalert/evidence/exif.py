"""The few EXIF tags that matter (CIPA DC-008; TIFF 6.0), read within bounds: no loop, no count, no offset is trusted.
Pure; what cannot be right is as if it were not there."""

from collections.abc import Iterator
from typing import Literal

_MAX_ENTRIES = 512
_ORIENTATION, _EXIF_IFD, _GPS_IFD = 0x0112, 0x8769, 0x8825
_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8}  # BYTE, ASCII, SHORT, LONG, RATIONAL
_MAX_COUNT = 64

Tags = dict[int, bytes | tuple[int, ...]]
"""Of one directory: texts as bytes, numbers as a tuple; of a rational, numerator and denominator in turn."""


class Exif:
    """The tags of a picture's three directories: itself, how it was taken, where it was taken."""

    def __init__(self, tiff: bytes) -> None:
        order = {b"II*\x00": "little", b"MM\x00*": "big"}.get(tiff[:4])
        self._tiff = tiff
        self._order: Literal["little", "big"] = "little" if order == "little" else "big"
        self.main = self._directory(self._number(4, 4)) if order else {}
        self.taken = self._linked(_EXIF_IFD)
        self.gps = self._linked(_GPS_IFD)

    @property
    def orientation(self) -> int:
        """1 to 8; 1 is upright."""
        found = self.main.get(_ORIENTATION)
        return found[0] if isinstance(found, tuple) and len(found) == 1 and 1 <= found[0] <= 8 else 1

    def _linked(self, tag: int) -> Tags:
        place = self.main.get(tag)
        return self._directory(place[0]) if isinstance(place, tuple) and len(place) == 1 else {}

    def _directory(self, at: int) -> Tags:
        """One directory; what it points to next is not followed."""
        return dict(self._entries(at)) if 8 <= at < len(self._tiff) else {}

    def _entries(self, at: int) -> Iterator[tuple[int, bytes | tuple[int, ...]]]:
        for number in range(min(self._number(at, 2), _MAX_ENTRIES)):
            entry = at + 2 + number * 12
            kind, count = self._number(entry + 2, 2), self._number(entry + 4, 4)
            if entry + 12 > len(self._tiff) or kind not in _WIDTHS or not 1 <= count <= _MAX_COUNT:
                continue
            length = count * _WIDTHS[kind]
            place = entry + 8 if length <= 4 else self._number(entry + 8, 4)
            raw = self._tiff[place : place + length]
            if len(raw) == length:
                yield self._number(entry, 2), raw if kind == 2 else self._numbers(raw, min(_WIDTHS[kind], 4))

    def _numbers(self, raw: bytes, width: int) -> tuple[int, ...]:
        return tuple(int.from_bytes(raw[at : at + width], self._order) for at in range(0, len(raw), width))

    def _number(self, at: int, width: int) -> int:
        return int.from_bytes(self._tiff[at : at + width], self._order)
