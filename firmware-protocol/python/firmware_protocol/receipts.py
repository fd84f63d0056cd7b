"""The body of a receipt, read strictly (SPEC 7.2).

Only a body whose tag was good may come here: :func:`firmware_protocol.frames.verify_frame` first.
"""

import json
from dataclasses import dataclass
from typing import NoReturn

from firmware_protocol.errors import FrameError

MAX_SEQUENCE = 0xFFFFFFFF
MAX_BOOT = 0xFFFFFFFF
MAX_UNIX_MS = 2**53 - 1
MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which sequences of one boot are settled.

    ``stored`` holds inclusive ranges ``(from, to)``; ``refused`` pairs ``(sequence, refusal word)``;
    ``at_ms`` is the platform's clock in Unix milliseconds when it signed.
    """

    boot: int
    at_ms: int
    stored: tuple[tuple[int, int], ...]
    refused: tuple[tuple[int, str], ...]

    def is_stored(self, sequence: int) -> bool:
        """Whether a range of ``stored`` holds ``sequence``."""
        return any(first <= sequence <= last for first, last in self.stored)

    def refusal_of(self, sequence: int) -> str | None:
        """The refusal word for ``sequence``, or None where it was not refused."""
        return next((reason for number, reason in self.refused if number == sequence), None)


def parse_receipt(body: bytes) -> Receipt:
    """Read the body of a receipt frame, ``content`` 16; fields it does not know are ignored.

    Raises FrameError (``bad_body``) where a field is missing, of another type or out of its range.
    """
    fields = _load_object(body)
    return Receipt(
        boot=_whole(fields.get("boot"), MAX_BOOT),
        at_ms=_whole(fields.get("at"), MAX_UNIX_MS),
        stored=tuple(_range(pair) for pair in _list(fields.get("stored"))),
        refused=tuple(_refusal(pair) for pair in _list(fields.get("refused"))),
    )


def _load_object(body: bytes) -> dict[str, object]:
    try:
        # Decoded by hand: json.loads would guess UTF-16 and UTF-32 from bytes.
        fields = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise FrameError("bad_body", "a receipt is JSON in UTF-8") from None
    if not isinstance(fields, dict) or _is_deeper(fields, MAX_DEPTH):
        raise FrameError("bad_body", f"a receipt is a JSON object of at most {MAX_DEPTH} levels")
    return fields


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)


def _no_constant(_name: str) -> NoReturn:
    raise ValueError  # NaN and Infinity are not JSON (RFC 8259)


def _list(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise FrameError("bad_body", "stored and refused are arrays")


def _whole(value: object, most: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
        return value
    raise FrameError("bad_body", f"a whole number from 0 to {most} is missing")


def _pair(value: object) -> tuple[object, object]:
    if isinstance(value, list) and len(value) == 2:
        return value[0], value[1]
    raise FrameError("bad_body", "stored and refused hold pairs")


def _range(value: object) -> tuple[int, int]:
    first, last = (_whole(end, MAX_SEQUENCE) for end in _pair(value))
    if first > last:
        raise FrameError("bad_body", "a range begins after its end")
    return first, last


def _refusal(value: object) -> tuple[int, str]:
    sequence, reason = _pair(value)
    if not isinstance(reason, str):
        raise FrameError("bad_body", "a refusal names its reason")
    return _whole(sequence, MAX_SEQUENCE), reason
