"""Units given and units owned (SPEC 5.4)."""

from cases.common import Case, case, refused

_FACTORS = {
    ("mm", "cm"): 10,
    ("mm", "m"): 1000,
    ("cm", "m"): 100,
    ("m", "km"): 1000,
    ("l/s", "m3/s"): 1000,
    ("g", "kg"): 1000,
    ("mV", "V"): 1000,
    ("mA", "A"): 1000,
    ("ms", "s"): 1000,
    ("Pa", "hPa"): 100,
    ("Pa", "kPa"): 1000,
    ("hPa", "kPa"): 10,
}
_OWN = sorted({unit for pair in _FACTORS for unit in pair} | {"mm/h", "Cel", "1"})
_VALUES = (123.0, 0.1, 12345.678, 1.7976931348623157e308, 5e-324)
_WRONG = [
    ("M", "m", "case counts"),
    ("CM", "m", "case counts"),
    ("m ", "m", "white space counts"),
    (" m", "m", "white space counts"),
    ("", "m", "empty text is given, and wrong"),
    ("metre", "m", "a name, not a symbol"),
    ("ft", "m", "not whole"),
    ("in", "mm", "not whole"),
    ("dm", "m", "not in the table"),
    ("mm", "mm/h", "another property"),
    ("K", "Cel", "an offset, not a factor"),
    ("%", "m", "another property"),
    ("μm", "m", "not in the table"),
]


def build() -> Case:
    """Every pair of the table with many values, and what is not in it."""
    return {
        "description": "A value in a given unit, for a datastream in its own: the result, or wrong_unit.",
        "rules": ["5.4"],
        "cases": [*_same(), *_converted(), *_wrong()],
    }


def _same() -> list[Case]:
    return [_unit(unit, unit, 0.1, 1) for unit in _OWN]


def _converted() -> list[Case]:
    return [_unit(*pair, value, factor) for pair, factor in _FACTORS.items() for value in _VALUES]


def _unit(given: str, own: str, value: float, factor: int) -> Case:
    result = value / factor
    fields = {"given": given, "own": own, "value": value, "value_hex": value.hex()}
    expected = {"value": result, "value_hex": result.hex()}
    return case(f"{given}-to-{own}-{value!r}", f"divided by {factor}", "5.4", flags=["good"], **fields, result=expected)


def _wrong() -> list[Case]:
    named = {(given, own): comment for given, own, comment in _WRONG}
    others = {(given, own): "no pair of the table" for given in _OWN for own in _OWN if given != own}
    return [
        _refused(given, own, comment)
        for (given, own), comment in {**others, **named}.items()
        if (given, own) not in _FACTORS
    ]


def _refused(given: str, own: str, comment: str) -> Case:
    fields = {"given": given, "own": own, "value": 1.0, "value_hex": (1.0).hex()}
    result = refused("wrong_unit")
    return case(f"wrong-{given!r}-for-{own}", comment, "5.4", flags=["wrong_unit"], **fields, result=result)
