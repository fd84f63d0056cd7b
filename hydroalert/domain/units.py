"""Units that a datastream may be given in: its own, or one that divides by a whole factor (SPEC 5)."""

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


def divisor(given: str, own: str) -> int | None:
    """What a value in `given` is divided by to be in `own`; None where it cannot be."""
    return 1 if given == own else _DIVISORS.get((given, own))
