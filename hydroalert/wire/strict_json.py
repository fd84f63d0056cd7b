"""Strict JSON (SPEC 5.1): RFC 8259 in strict UTF-8, of a duplicate key the last, nested at most 64 levels deep."""

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 64


class BadBody(Exception):
    """The body is not what its content says that it is; its text says why."""


def read_strictly(body: bytes) -> Any:
    """The one JSON value of a body. Raises BadBody."""
    try:
        value = json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadBody(f"not JSON: {error}") from None
    if _is_deeper(value, MAX_DEPTH):
        raise BadBody(f"nested deeper than {MAX_DEPTH} levels")
    return value


def finite_number(given: object) -> float | None:
    """A finite IEEE double, or None where `given` is anything else."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    try:
        number = float(given)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def is_integer(given: object) -> bool:
    """Whether it was written without fraction and exponent."""
    return isinstance(given, int) and not isinstance(given, bool)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _is_deeper(value: object, levels: int) -> bool:
    """Whether arrays and objects nest deeper than `levels`; walks one level at a time, so nothing recurses."""
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for outer in layer
            if isinstance(outer, list | dict)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not any(isinstance(inner, list | dict) for inner in layer):
            return False
    return True
