"""CBOR packs (SPEC 5.9)."""

from collections.abc import Iterator

from cases.bodies import OK, Made, body_case, collection, level
from cases.cbor_bytes import (
    BN,
    BREAK,
    BS,
    BT,
    BU,
    BV,
    BVER,
    FALSE,
    NULL,
    TRUE,
    UNDEFINED,
    UT,
    VB,
    VD,
    VS,
    N,
    S,
    T,
    U,
    V,
    array,
    double,
    half,
    head,
    pairs,
    single,
    text,
    whole,
)  # fmt: skip
from cases.common import NOW_MS, NOW_S, Case, refused

_AT = (T, whole(NOW_S))
_NAME = (N, text("level"))
_VALUE = (V, double(1.25))
_GOOD = pairs(_NAME, _AT, _VALUE)
_U, _W, _N, _R, _F = map(
    refused, ("unknown_datastream", "wrong_unit", "not_a_number", "relative_time", "time_in_future")
)
_INF, _NAN = float("inf"), float("nan")


def build() -> Case:
    """Every CBOR body case."""
    made = [*_shapes(), *_fields(), *_values(), *_longer_forms(), *_bad_fields(), *_not_allowed(), *_cut()]
    description = (
        "Bodies of content 1: the word that refuses the frame, or what becomes of each record, in the order of the "
        "pack. A result is in the datastream's own unit and equals `value_hex` exactly."
    )
    return collection(description, ["5.9"], [body_case(case) for case in made])


def _one(*fields: tuple[bytes, bytes]) -> bytes:
    return array(pairs(_NAME, _AT, *fields))


def _shapes() -> list[Made]:
    base = pairs((BN, text("level")), (BT, whole(NOW_S)), _VALUE)
    small = pairs((V, whole(1)))

    def many(count: int) -> bytes:
        return array(base, *[small] * (count - 1))

    def deep(levels: int) -> bytes:
        return _one(_VALUE, (whole(50), b"\x81" * (levels - 1) + b"\x80"))

    return [
        ("plain", "one record", "5.9", array(_GOOD), [OK]),
        ("records-511", "one fewer than allowed", "5.1", many(511), [OK, *[level(1.0)] * 510]),
        ("records-512", "as many as allowed", "5.1", many(512), [OK, *[level(1.0)] * 511]),
        ("records-513", "one more than allowed", "5.1", many(513), "bad_body"),
        ("deep-63", "one below the limit", "5.1", deep(61), [OK]),
        ("deep-64", "on the limit", "5.1", deep(62), [OK]),
        ("deep-65", "one beyond", "5.1", deep(63), "bad_body"),
        ("deep-4000", "far beyond", "5.1", b"\x81" * 4000 + b"\x80", "bad_body"),
        ("deep-4096", "far beyond, and never closed", "5.1", b"\x81" * 4096, "bad_body"),
    ]


def _fields() -> list[Made]:
    return [
        ("base", "all base fields", "5.2",
         array(pairs((BVER, whole(10)), (BN, text("le")), (BT, whole(NOW_S - 5)), (BU, text("cm")), (BV, whole(100)),
                     (N, text("vel")), (T, whole(5)), (V, whole(25)))), [OK]),
        ("base-holds", "they hold on", "5.2",
         array(pairs((BN, text("level")), (BT, whole(NOW_S)), _VALUE), pairs(_VALUE)), [OK, OK]),
        ("duplicate", "the last counts", "5.1", _one((V, NULL), _VALUE), [OK]),
        ("duplicate-longer", "the same label in a longer form", "5.1", _one((V, whole(9)), (whole(2, 8), double(1.25))),
         [OK]),
        ("text-label", "a text key names an unknown field", "5.9", _one(_VALUE, (text("v"), whole(9))), [OK]),
        ("text-label-alone", "a text key names an unknown field", "5.9", _one((text("v"), double(1.25))), [_N]),
        ("text-label-vs", "a text key names an unknown field", "5.9", _one(_VALUE, (text("vs"), text("x"))), [OK]),
        ("text-label-empty", "a text key names an unknown field", "5.9", _one(_VALUE, (text(""), NULL)), [OK]),
        ("unknown-label", "ignored", "5.8", _one(_VALUE, (whole(9), text("x")), (whole(-7), array())), [OK]),
        ("large-label", "ignored", "5.8", _one(_VALUE, (whole(2**64 - 1), TRUE), (whole(-(2**64)), FALSE)), [OK]),
        ("ut", "ignored whatever it holds", "5.8", _one(_VALUE, (UT, pairs((text("a_"), NULL)))), [OK]),
        ("bver-1", "allowed", "5.7", _one(_VALUE, (BVER, whole(1))), [OK]),
        ("unknown-name", "not registered", "5.3", array(pairs((N, text("x")), _AT, _VALUE)), [_U]),
        ("no-name", "no name", "5.3", array(pairs(_AT, _VALUE)), [_U]),
        ("wrong-unit", "another unit", "5.4", _one(_VALUE, (U, text("ft"))), [_W]),
        ("unit-cm", "divided by 100", "5.4", _one((U, text("cm")), (V, whole(123))), [level(1.23)]),
        ("relative", "a minute ago", "5.5", array(pairs(_NAME, (T, whole(-60)), _VALUE)), [_R]),
        ("relative-edge", "on the limit less one", "5.5", array(pairs(_NAME, (T, whole(2**28 - 1)), _VALUE)), [_R]),
        ("time-double", "with a fraction", "5.5", array(pairs(_NAME, (T, double(NOW_S + 0.123)), _VALUE)),
         [level(1.25, NOW_MS + 123)]),
        ("time-single", "32 bits know today to 128 s", "5.5", array(pairs(_NAME, (T, single(NOW_S)), _VALUE)),
         [level(1.25, 1_764_311_424_000)]),
        ("time-future", "in milliseconds", "5.5", array(pairs(_NAME, (T, whole(NOW_MS)), _VALUE)), [_F]),
        ("time-integer-most", "the greatest integer", "5.5", array(pairs(_NAME, (T, whole(2**64 - 1)), _VALUE)), [_F]),
        ("time-integer-least", "the least integer", "5.5", array(pairs(_NAME, (T, whole(-(2**64))), _VALUE)), [_R]),
    ]  # fmt: skip


def _values() -> Iterator[Made]:
    good = {
        "0": (whole(0), 0.0), "23": (whole(23), 23.0), "24": (whole(24), 24.0), "255": (whole(255), 255.0),
        "256": (whole(256), 256.0), "65536": (whole(65536), 65536.0), "2**32": (whole(2**32), 2.0**32),
        "most": (whole(2**64 - 1), 2.0**64), "-1": (whole(-1), -1.0), "least": (whole(-(2**64)), -(2.0**64)),
        "2**53+1": (whole(2**53 + 1), 2.0**53), "half": (half(1.5), 1.5), "half-least": (half(2.0**-24), 2.0**-24),
        "half-most": (half(65504), 65504.0), "single": (single(0.1), 0.10000000149011612), "double": (double(0.1), 0.1),
        "-0.0": (double(-0.0), 0.0), "double-least": (double(5e-324), 5e-324),
        "double-most": (double(1.7976931348623157e308), 1.7976931348623157e308),
    }  # fmt: skip
    for what, (item, value) in good.items():
        yield (f"value-{what}", "a number", "5.6 5.9", _one((V, item)), [level(value)])
    bad = {
        "null": NULL, "true": TRUE, "false": FALSE, "text": text("1"), "array": array(), "map": pairs(),
        "half-nan": half(_NAN), "half-inf": half(_INF), "single-nan": single(_NAN), "single-minus-inf": single(-_INF),
        "double-nan": double(_NAN), "double-inf": double(_INF),
    }  # fmt: skip
    for what, item in bad.items():
        yield (f"value-{what}", "no finite number", "5.6 5.9", _one((V, item)), [_N])
    yield ("value-absent", "none", "5.6", _one(), [_N])
    much = double(1.7e308)
    yield ("value-sum-overflows", "each is finite, the sum is not", "5.6", _one((BV, much), (V, much)), [_N])


def _longer_forms() -> Iterator[Made]:
    for width in (1, 2, 4, 8):
        name, value = (whole(0, width), text("level", width)), (whole(2, width), whole(1, width))
        pack = array(pairs(name, (T, whole(NOW_S, 8)), value, width=width), width=width)
        yield (f"longer-{width}", f"lengths and integers in {width} bytes", "5.9", pack, [level(1.0)])


def _bad_fields() -> Iterator[Made]:
    not_text = {"null": NULL, "number": whole(5), "true": TRUE, "array": array(), "map": pairs()}
    not_number = {"null": NULL, "text": text("1"), "true": TRUE, "nan": double(_NAN), "inf": half(_INF), "map": pairs()}
    not_version = {"0": whole(0), "11": whole(11), "-1": whole(-1), "10.0": half(10.0), "text": text("10"),
                   "null": NULL, "true": TRUE, "most": whole(2**64 - 1)}  # fmt: skip
    groups = [
        *((name, label, not_text) for name, label in (("n", N), ("bn", BN), ("u", U), ("bu", BU))),
        *((name, label, not_number) for name, label in (("t", T), ("bt", BT), ("bv", BV))),
        ("bver", BVER, not_version),
        *((name, label, {"null": NULL}) for name, label in
          (("vs", VS), ("vb", VB), ("vd", VD), ("s", S), ("bs", BS))),
        ("vs", VS, {"text": text("x")}), ("vb", VB, {"true": TRUE}), ("s", S, {"number": whole(1)}),
        ("under", text("x_"), {"number": whole(1)}), ("under-alone", text("_"), {"null": NULL}),
    ]  # fmt: skip
    for name, label, values in groups:
        for what, value in values.items():
            pack = array(_GOOD, pairs(_NAME, _AT, _VALUE, (label, value)))
            yield (f"bad-{name}-{what}", "refuses the pack, good record and all", "5.7 5.8", pack, "bad_body")


def _not_allowed() -> Iterator[Made]:
    items = {
        "bytes": b"\x41x", "bytes-empty": b"\x40", "tag": b"\xc1\x00", "self-described": b"\xd9\xd9\xf7\x00",
        "big-number": b"\xc2\x41\x01", "decimal": b"\xc4\x82\x20\x01", "undefined": UNDEFINED, "simple-0": b"\xe0",
        "simple-19": b"\xf3", "simple-32": b"\xf8\x20", "simple-255": b"\xf8\xff", "false-in-two": b"\xf8\x14",
        "endless-text": b"\x7f\x61x\xff", "endless-bytes": b"\x5f\x41x\xff", "endless-array": b"\x9f\xff",
        "endless-map": b"\xbf\xff", "break": BREAK, "reserved-28": b"\x1c", "reserved-30": b"\xfe",
        "text-bad": text(b"\xff"), "text-overlong": text(b"\xc0\xaf"), "text-half-pair": text(b"\xed\xa0\x80"),
        "text-cut-letter": text(b"\xc3"),
    }  # fmt: skip
    for what, item in items.items():
        for where, label in (("v", V), ("ut", UT), ("unknown", whole(50))):
            pack = array(_GOOD, pairs(_NAME, _AT, _VALUE, (label, item)))
            yield (f"bad-{what}-in-{where}", "an item that a pack never holds", "5.9", pack, "bad_body")
    keys = {"null": NULL, "true": TRUE, "float": half(2.0), "array": array(), "map": pairs(), "bytes": b"\x41v",
            "bad-text": text(b"\xff"), "tag": b"\xc1\x02"}  # fmt: skip
    for what, key in keys.items():
        yield (f"bad-key-{what}", "a key is an integer or text", "5.9", _one(_VALUE, (key, whole(1))), "bad_body")
    for what, pack in _whole_bodies().items():
        yield (f"bad-{what}", "no pack", "5.1 5.9", pack, "bad_body")


def _whole_bodies() -> dict[str, bytes]:
    return {
        "empty-array": array(), "map": _GOOD, "empty-map": pairs(), "null": NULL, "number": whole(1),
        "record-null": array(_GOOD, NULL), "record-array": array(_GOOD, array()), "record-text": array(text("x")),
        "tagged": b"\xd9\xd9\xf7" + array(_GOOD), "endless": b"\x9f" + _GOOD + BREAK,
        "endless-record": b"\x81\xbf" + b"".join(k + v for k, v in (_NAME, _AT, _VALUE)) + BREAK,
        "after": array(_GOOD) + b"\x00", "twice": array(_GOOD) * 2, "json": b'[{"n":"level","t":1764311400,"v":1}]',
        "one-too-few": head(4, 2) + _GOOD, "odd-map": head(4, 1) + head(5, 1) + V, "promise": head(4, 2**64 - 1),
        "promise-map": head(4, 1) + head(5, 2**63), "promise-text": head(4, 1) + head(3, 2**32),
        "promise-4096": head(4, 4096) + _GOOD,
    }  # fmt: skip


def _cut() -> Iterator[Made]:
    pack = array(pairs((N, text("level")), (T, double(NOW_S)), (V, half(1.25))))
    for size in range(1, len(pack)):
        yield (f"cut-to-{size}", f"{size} of {len(pack)} bytes", "5.9", pack[:size], "bad_body")
