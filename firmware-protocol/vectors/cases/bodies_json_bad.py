"""JSON bodies that are no pack: the whole frame is refused (SPEC 5.1, 5.7, 5.8)."""

from collections.abc import Iterator

from cases.bodies import AT, Made

_GOOD = f'{{"n":"level",{AT},"v":1.25}}'


def bad_packs() -> Iterator[Made]:
    """Each is ``bad_body``."""
    for case_id, text in _NOT_JSON.items():
        yield (f"bad-{case_id}", "not JSON", "5.1", text, "bad_body")
    for case_id, raw in _NOT_UTF8.items():
        yield (f"bad-{case_id}", "not strict UTF-8", "5.1", raw, "bad_body")
    for case_id, text in _NOT_A_PACK.items():
        yield (f"bad-{case_id}", "JSON, but no pack", "5.1", text, "bad_body")
    for case_id, field in _FIELDS.items():
        yield (f"bad-{case_id}", "refuses the pack, good record and all", "5.7 5.8", _pack(field), "bad_body")


def _pack(field: str) -> str:
    return f'[{_GOOD},{{"n":"level",{AT},"v":1,{field}}}]'


_NOT_JSON = {
    "white-space": "  ",
    "word": "level",
    "json-seq": f"\x1e[{_GOOD}]",
    "cut": f"[{_GOOD}",
    "cut-in-text": '[{"n":"lev',
    "cut-in-number": '[{"n":"level","t":17',
    "two-packs": f"[{_GOOD}][{_GOOD}]",
    "after": f"[{_GOOD}]x",
    "nul-after": f"[{_GOOD}]\x00",
    "comma-record": f"[{_GOOD},]",
    "comma-field": f'[{{"n":"level",{AT},"v":1,}}]',
    "comma-first": f"[,{_GOOD}]",
    "no-comma": f"[{_GOOD}{_GOOD}]",
    "no-colon": f'[{{"n" "level",{AT}}}]',
    "bare-field": f"[{{n:1,{AT}}}]",
    "single-quotes": "[{'n':'level'}]",
    "comment": f"[{_GOOD}/* calibrated */]",
    "line-comment": f"[{_GOOD}] // calibrated",
    "nan": f'[{{"n":"level",{AT},"v":NaN}}]',
    "nan-unread": f'[{{"n":"level",{AT},"v":1,"x":NaN}}]',
    "infinity": f'[{{"n":"level",{AT},"v":Infinity}}]',
    "minus-infinity": f'[{{"n":"level",{AT},"v":-Infinity}}]',
    "inf": f'[{{"n":"level",{AT},"v":inf}}]',
    "plus": f'[{{"n":"level",{AT},"v":+1}}]',
    "leading-zero": f'[{{"n":"level",{AT},"v":01}}]',
    "no-zero": f'[{{"n":"level",{AT},"v":.5}}]',
    "dot-alone": f'[{{"n":"level",{AT},"v":1.}}]',
    "no-exponent": f'[{{"n":"level",{AT},"v":1e}}]',
    "hexadecimal": f'[{{"n":"level",{AT},"v":0x10}}]',
    "underscored-number": f'[{{"n":"level",{AT},"v":1_0}}]',
    "minus-alone": f'[{{"n":"level",{AT},"v":-}}]',
    "true-upper": f'[{{"n":"level",{AT},"v":True}}]',
    "control-in-text": f'[{{"n":"level",{AT},"v":1,"x":"a\nb"}}]',
    "nul-in-text": f'[{{"n":"level",{AT},"v":1,"x":"a\x00b"}}]',
    "bad-escape": f'[{{"n":"level",{AT},"v":1,"x":"\\q"}}]',
    "short-escape": f'[{{"n":"level",{AT},"v":1,"x":"\\u12"}}]',
    "form-feed": f"\x0c[{_GOOD}]",
    "no-break-space": f"\u00a0[{_GOOD}]",
}
_NOT_UTF8 = {
    "bom": b"\xef\xbb\xbf" + f"[{_GOOD}]".encode(),
    "utf-16": f"[{_GOOD}]".encode("utf-16-le"),
    "utf-32": f"[{_GOOD}]".encode("utf-32-be"),
    "latin-1": f'[{{"n":"l\u00e9vel",{AT},"v":1}}]'.encode("latin-1"),
    "ff": b'[{"n":"level","t":1764311400,"v":1,"x":"\xff"}]',
    "overlong": b'[{"n":"level","t":1764311400,"v":1,"x":"\xc0\xaf"}]',
    "half-pair-raw": b'[{"n":"level","t":1764311400,"v":1,"x":"\xed\xa0\x80"}]',
    "beyond": b'[{"n":"level","t":1764311400,"v":1,"x":"\xf4\x90\x80\x80"}]',
    "cut-letter": b'[{"n":"level","t":1764311400,"v":1,"x":"\xc3"}]',
    "in-key": b'[{"n":"level","t":1764311400,"v":1,"\xff":1}]',
}
_NOT_A_PACK = {
    "empty-array": "[]",
    "empty-object": "{}",
    "object": _GOOD,
    "sensor-things": f'{{"e":[{_GOOD}]}}',
    "null": "null",
    "number": "1",
    "text": '"level"',
    "record-null": f"[{_GOOD},null]",
    "record-number": f"[{_GOOD},1]",
    "record-array": f"[{_GOOD},[]]",
    "record-text": f'[{_GOOD},"level"]',
    "pack-in-pack": f"[[{_GOOD}]]",
}
_FIELDS = {
    **{f"{name}-text": f'"{name}":"x"' for name in ("vs", "vd")},
    **{f"{name}-number": f'"{name}":1' for name in ("s", "bs")},
    **{f"{name}-null": f'"{name}":null' for name in ("vs", "vb", "vd", "s", "bs")},
    "vb-true": '"vb":true',
    "vs-escaped": '"v\\u0073":"x"',
    "vs-twice": '"vs":"x","vs":"y"',
    "under": '"x_":1',
    "under-alone": '"_":1',
    "under-twice": '"x__":1',
    "under-known": '"v_":1',
    "under-escaped": '"x\\u005f":1',
    "under-null": '"x_":null',
    **{f"{name}-not-text-{n}": f'"{name}":{value}'
       for name in ("n", "bn", "u", "bu") for n, value in enumerate(("null", "5", "true", "[]", "{}"))},
    **{f"{name}-not-number-{n}": f'"{name}":{value}'
       for name in ("t", "bt", "bv")
       for n, value in enumerate(("null", '"1764311400"', "true", "[]", "{}", "1e400", "-1e400", "9" * 400))},
    **{f"bver-{n}": f'"bver":{value}'
       for n, value in enumerate(("0", "11", "-1", "-0", "12", '"10"', "null", "true", "[10]", "10.0", "1e1", "5.5",
                                  "9" * 400, "4294967297"))},
}  # fmt: skip
