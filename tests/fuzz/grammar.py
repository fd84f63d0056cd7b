"""Hypothesis strategies after the grammar of SPEC 5: mostly good packs, each rule broken now and then."""

import json
import struct
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.comparing import NOW_MS

LABELS = {"bver": -1, "bn": -2, "bt": -3, "bu": -4, "bv": -5, "bs": -6, "n": 0, "u": 1, "v": 2, "vs": 3, "vb": 4,
          "s": 5, "t": 6, "ut": 7, "vd": 8}  # fmt: skip
NOW_S = NOW_MS / 1000

edges = st.sampled_from(
    [0, -0.0, 2**28, 2**28 - 1, 1e308, -1e308, 5e-324]
    + [NOW_S + offset_s for offset_s in (0, 300, 300.001, -946_080_000, -946_080_000.001)]
)
doubles = st.floats(allow_nan=False, allow_infinity=False)
times = edges | st.floats(NOW_S - 1e5, NOW_S + 1e3) | st.integers(int(NOW_S) - 100_000, int(NOW_S) + 1000) | doubles
values = doubles | st.integers(-(2**64), 2**64 - 1) | edges
names = st.sampled_from(
    ["level", "level_b", "rainfall", "flow", "battery", "a", "lev", "el", "", "Level", "level\0", "水位"]
)
units = st.sampled_from(["m", "cm", "mm", "m3/s", "l/s", "mV", "V", "", "M", "m ", "Ω"])
anything = st.recursive(
    st.none() | st.booleans() | doubles | st.integers(-(2**64), 2**64 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
fields = {
    "n": names, "u": units, "v": values, "t": times, "bn": names, "bu": units, "bv": values, "bt": times,
    "bver": st.integers(0, 11), "ut": values,
}  # fmt: skip
usual = st.fixed_dictionaries({"n": names, "t": times, "v": values})
others = st.fixed_dictionaries({}, optional=fields)
stranger = st.dictionaries(st.sampled_from([*LABELS, "x", "x_", "_", "vs_", "bvers"]), anything, min_size=1, max_size=2)
oddities = st.just({}) | st.just({}) | st.just({}) | stranger
record = st.builds(lambda *parts: parts[0] | parts[1] | parts[2], usual, others, oddities) | others
packs = st.lists(record, min_size=1, max_size=5) | st.lists(record, max_size=2) | anything


def as_json(pack: Any, compact: bool, escaped: bool) -> bytes:
    """JSON text in one of the forms that a device may write."""
    return json.dumps(pack, ensure_ascii=escaped, separators=(",", ":") if compact else None).encode()


def as_cbor(item: Any, wide: bool = False) -> bytes:
    """CBOR; known names by their labels, others as text. `wide` writes every length and integer in eight bytes."""
    if item is None or isinstance(item, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[item]
    if isinstance(item, float):
        return b"\xfb" + struct.pack("!d", item)
    if isinstance(item, int):
        return _head(0, item, wide) if item >= 0 else _head(1, -1 - item, wide)
    if isinstance(item, str):
        return _head(3, len(item.encode()), wide) + item.encode()
    if isinstance(item, list):
        return _head(4, len(item), wide) + b"".join(as_cbor(one, wide) for one in item)
    pairs = [as_cbor(LABELS.get(name, name), wide) + as_cbor(value, wide) for name, value in item.items()]
    return _head(5, len(pairs), wide) + b"".join(pairs)


def _head(major: int, argument: int, wide: bool) -> bytes:
    if argument < 24 and not wide:
        return bytes([major << 5 | argument])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if (argument < 1 << 8 * size and not wide) or size == 8:
            return bytes([major << 5 | code]) + argument.to_bytes(size, "big")
    raise AssertionError(argument)
