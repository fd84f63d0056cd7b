"""Units that a datastream may be given in: its own, or one that divides by a whole factor (SPEC 5); and of levels."""

_DIVISORS: dict[tuple[str, str], int] = {
    ("cm", "m"): 100,
    ("mm", "m"): 1000,
    ("mm", "cm"): 10,
    ("m", "km"): 1000,
    ("l/s", "m3/s"): 1000,
    ("mV", "V"): 1000,
    ("mA", "A"): 1000,
    ("ms", "s"): 1000,
    ("g", "kg"): 1000,
    ("Pa", "hPa"): 100,
    ("Pa", "kPa"): 1000,
    ("hPa", "kPa"): 10,
}

_METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001, "ft": 0.3048, "in": 0.0254}
_NO_LEVEL = ("rain", "precip", "snow", "evap")
"""What begins so is measured in lengths all the same."""


def divisor(given: str, own: str) -> int | None:
    """What a value in `given` is divided by to be in `own`; None where it cannot be."""
    return 1 if given == own else _DIVISORS.get((given, own))


def level_in_m(datastream: str, unit: str) -> float | None:
    """How many metres one unit of a water level is; None for what is no water level, as its code and unit tell."""
    return None if datastream.startswith(_NO_LEVEL) else _METRES.get(unit)
