"""What JSON and CBOR bodies share: the registered datastreams, and how a case is put together."""

from cases.common import NOW_MS, RETENTION_MS, Case, admitted, case, refused

LONGEST_CODE = "l" + "_" * 31
DATASTREAMS = {
    "level": {"unit": "m"},
    "level_b": {"unit": "m"},
    "rainfall": {"unit": "mm"},
    "flow": {"unit": "m3/s"},
    "battery": {"unit": "V"},
    "a": {"unit": "m"},
    LONGEST_CODE[:31]: {"unit": "m"},
    LONGEST_CODE: {"unit": "m"},
}
AT = '"t":1764311400'
OK = admitted("level", NOW_MS, 1.25, "m")

Made = tuple[str, str, str, str | bytes, "str | list[Case]"]
"""Id, comment, rules, body; and the word that refuses the frame, or what becomes of each record."""


def level(value: float, time_ms: int = NOW_MS) -> Case:
    """An admitted record of the datastream ``level``."""
    return admitted("level", time_ms, value, "m")


def collection(description: str, rules: list[str], cases: list[Case]) -> Case:
    """The whole file."""
    return {"description": description, "rules": rules, "datastreams": DATASTREAMS, "cases": cases}


def body_case(made: Made, *, now_ms: int = NOW_MS, retention_ms: int = RETENTION_MS) -> Case:
    """One body with its result; ``flags`` holds ``good``, or every word that occurs."""
    case_id, comment, rules, body, expected = made
    raw = body.encode() if isinstance(body, str) else body
    result = refused(expected) if isinstance(expected, str) else {"records": expected}
    given = {"body": raw.hex(), "now_ms": now_ms, "retention_ms": retention_ms}
    return case(case_id, comment, rules, flags=_flags(expected), **given, result=result)


def _flags(expected: "str | list[Case]") -> list[str]:
    if isinstance(expected, str):
        return [expected]
    return sorted({record.get("refused", "good") for record in expected})
