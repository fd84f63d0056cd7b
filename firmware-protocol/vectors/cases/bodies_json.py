"""JSON packs: base fields, names, units, values, and the order in which a record is judged (SPEC 5.1 to 5.8, 5.10)."""

from cases.bodies import AT, LONGEST_CODE, OK, Made, body_case, collection, level
from cases.bodies_json_bad import bad_packs
from cases.common import NOW_MS, NOW_S, Case, admitted, refused
from cases.times import time_cases

_U, _W, _N, _R = map(refused, ("unknown_datastream", "wrong_unit", "not_a_number", "relative_time"))
_F, _O = map(refused, ("time_in_future", "time_too_old"))


def build() -> Case:
    """Every JSON body case."""
    made = [*_shapes(), *_base_fields(), *_names(), *_units(), *_values(), *_order(), *_ignored(), *bad_packs()]
    description = (
        "Bodies of content 0: the word that refuses the frame, or what becomes of each record, in the order of the "
        "pack. A result is in the datastream's own unit and equals `value_hex` exactly."
    )
    rules = ["5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.10"]
    return collection(description, rules, [*map(body_case, made), *time_cases()])


def _one(fields: str) -> str:
    return f'[{{"n":"level",{AT},{fields}}}]'


def _shapes() -> list[Made]:
    first = '{"bn":"level","bt":1764311400,"v":1.25}'
    most = f"[{first}{',{}' * 511}]"
    full = _one('"v":1.25')
    return [
        ("plain", "one record", "5.1", full, [OK]),
        ("two", "two records", "5.1", f'[{first},{{"t":1,"v":2}}]', [OK, level(2.0, NOW_MS + 1000)]),
        ("white-space", "around and within", "5.1", f" \t\r\n[ {first}\n ] ", [OK]),
        ("records-511", "one fewer than allowed", "5.1", f"[{first}{',{}' * 510}]", [OK, *[_N] * 510]),
        ("records-512", "as many as allowed", "5.1", most, [OK, *[_N] * 511]),
        ("records-513", "one more than allowed", "5.1", f"[{first}{',{}' * 512}]", "bad_body"),
        ("bytes-4096", "a full body", "5.1", full + " " * (4096 - len(full)), [OK]),
        ("duplicate-v", "the last counts", "5.1", _one('"v":9,"v":1.25'), [OK]),
        ("duplicate-v-type", "the last counts, whatever the first", "5.1", _one('"v":"x","v":1.25'), [OK]),
        ("duplicate-v-null", "the last counts", "5.1", _one('"v":1.25,"v":null'), [_N]),
        ("duplicate-n-type", "the last counts", "5.1", f'[{{"n":5,"n":"level",{AT},"v":1.25}}]', [OK]),
        ("duplicate-t", "the last counts", "5.1", '[{"n":"level","t":1,"t":1764311400,"v":1.25}]', [OK]),
        ("same-twice", "two records alike: both are admitted, one is stored", "5.12", f"[{first},{first}]", [OK, OK]),
        ("escaped-text", "an escape is the letter", "5.3", f'[{{"n":"\\u006cevel",{AT},"v":1.25}}]', [OK]),
        ("escaped-field", "an escape is the letter", "5.6", _one('"\\u0076":1.25'), [OK]),
        ("deep-63", "two below the limit", "5.1", _one(f'"v":1.25,"x":{"[" * 61}{"]" * 61}'), [OK]),
        ("deep-64", "on the limit", "5.1", _one(f'"v":1.25,"x":{"[" * 62}{"]" * 62}'), [OK]),
        ("deep-65", "one beyond", "5.1", _one(f'"v":1.25,"x":{"[" * 63}{"]" * 63}'), "bad_body"),
        ("deep-64-objects", "on the limit", "5.1", _one('"v":1.25,"x":' + '{"a":' * 62 + "1" + "}" * 62), [OK]),
        ("deep-65-objects", "one beyond", "5.1", _one('"v":1.25,"x":' + '{"a":' * 63 + "1" + "}" * 63), "bad_body"),
        ("deep-2000", "far beyond", "5.1", "[" * 2000 + "]" * 2000, "bad_body"),
        ("deep-4096", "far beyond, and never closed", "5.1", "[" * 4096, "bad_body"),
    ]


def _base_fields() -> list[Made]:
    later = NOW_MS + 1000
    return [
        ("bn-bt-hold", "they hold on", "5.2", '[{"bn":"level","bt":1764311400,"v":1},{"v":2,"t":1}]',
         [level(1.0), level(2.0, later)]),
        ("bn-plus-n", "joined", "5.3", f'[{{"bn":"le","n":"vel",{AT},"v":1.25}}]', [OK]),
        ("bn-alone", "no n", "5.3", f'[{{"bn":"level",{AT},"v":1.25}}]', [OK]),
        ("bn-empty-n", "an empty n", "5.3", f'[{{"bn":"level","n":"",{AT},"v":1.25}}]', [OK]),
        ("bn-changes", "until the next", "5.2", f'[{{"bn":"level",{AT},"v":1.25}},{{"bn":"a",{AT},"v":2}}]',
         [OK, admitted("a", NOW_MS, 2.0, "m")]),
        ("bn-from-its-record", "not before it", "5.2", f'[{{{AT},"v":1}},{{"bn":"level",{AT},"v":1.25}}]', [_U, OK]),
        ("bn-emptied", "empty again", "5.2", f'[{{"bn":"level",{AT},"v":1.25}},{{"bn":"","n":"a",{AT},"v":2}}]',
         [OK, admitted("a", NOW_MS, 2.0, "m")]),
        ("bt-changes", "until the next", "5.2",
         '[{"bn":"level","bt":1764311400,"v":1.25},{"bt":1764311401,"v":2},{"t":1,"v":3}]',
         [OK, level(2.0, later), level(3.0, NOW_MS + 2000)]),
        ("bt-of-a-refused-record", "holds all the same", "5.2 5.10", '[{"bn":"level","bt":1764311400},{"v":1.25}]',
         [_N, OK]),
        ("bu-holds", "holds on", "5.2", f'[{{"bn":"level","bu":"cm",{AT},"v":125}},{{{AT},"v":250}}]',
         [OK, level(2.5)]),
        ("u-before-bu", "u goes before", "5.4", f'[{{"bn":"level","bu":"mm","u":"cm",{AT},"v":125}}]', [OK]),
        ("u-for-its-record-only", "bu again after", "5.4",
         f'[{{"bn":"level","bu":"mm","u":"cm",{AT},"v":125}},{{{AT},"v":1250}}]', [OK, OK]),
        ("bv-adds", "added", "5.6", _one('"bv":1,"v":0.25'), [OK]),
        ("bv-holds", "holds on", "5.2", f'[{{"bn":"level","bv":1,{AT},"v":0.25}},{{{AT},"v":1}}]', [OK, level(2.0)]),
        ("bv-changes", "until the next", "5.2", f'[{{"bn":"level","bv":9,{AT},"v":0}},{{"bv":1,{AT},"v":0.25}}]',
         [level(9.0), OK]),
        ("bv-before-dividing", "added first, divided then", "5.4 5.6", _one('"bv":100,"u":"cm","v":25'), [OK]),
        ("bv-alone", "without v", "5.6", _one('"bv":1.25'), [_N]),
    ]  # fmt: skip


def _names() -> list[Made]:
    def named(name: str) -> str:
        return f'[{{"n":{name},{AT},"v":1.25}}]'

    unknown = {
        "unregistered": '"level_c"', "upper": '"Level"', "space": '"level "', "urn": '"urn:dev:mac:00/level"',
        "empty": '""', "accent": '"l\u00e9vel"', "nul": '"level\\u0000"', "half-pair": '"\\ud800"', "digit": '"1"',
    }  # fmt: skip
    return [
        ("code-1", "one letter", "5.3", named('"a"'), [admitted("a", NOW_MS, 1.25, "m")]),
        (
            "code-31",
            "one letter fewer than the longest",
            "5.3",
            named(f'"{LONGEST_CODE[:31]}"'),
            [admitted(LONGEST_CODE[:31], NOW_MS, 1.25, "m")],
        ),
        ("code-32", "the longest", "5.3", named(f'"{LONGEST_CODE}"'), [admitted(LONGEST_CODE, NOW_MS, 1.25, "m")]),
        ("code-33", "one letter more", "5.3", named(f'"{LONGEST_CODE}_"'), [_U]),
        ("code-none", "no name at all", "5.3", f'[{{{AT},"v":1.25}}]', [_U]),
        ("bn-and-n-both-codes", "joined, they are none", "5.3", f'[{{"bn":"level","n":"level",{AT},"v":1}}]', [_U]),
        *((f"code-{what}", "not registered", "5.3", named(text), [_U]) for what, text in unknown.items()),
    ]


def _units() -> list[Made]:
    def unit(text: str, value: str = "1") -> str:
        return _one(f'"u":{text},"v":{value}')

    wrong = {"upper": '"M"', "space": '"m "', "empty": '""', "km": '"km"', "ft": '"ft"', "half-pair": '"\\udc00"'}
    return [
        ("unit-own", "the datastream's own", "5.4", unit('"m"', "1.25"), [OK]),
        ("unit-cm", "divided by 100", "5.4", unit('"cm"', "123"), [level(123 / 100)]),
        ("unit-mm", "divided by 1000", "5.4", unit('"mm"', "1234.5"), [level(1234.5 / 1000)]),
        ("unit-not-multiplied", "0.01 is not a factor", "5.4", unit('"cm"', "7"), [level(0.07)]),
        ("unit-flow", "litres", "5.4", f'[{{"n":"flow","u":"l/s",{AT},"v":1500}}]',
         [admitted("flow", NOW_MS, 1.5, "m3/s")]),
        ("unit-to-smaller", "not by multiplying", "5.4", f'[{{"n":"rainfall","u":"cm",{AT},"v":1}}]', [_W]),
        ("bu-empty", "empty text is given", "5.4", _one('"bu":"","v":1'), [_W]),
        ("u-empty-over-bu", "empty text is given", "5.4", _one('"bu":"m","u":"","v":1'), [_W]),
        *((f"unit-{what}", "another unit", "5.4", unit(text), [_W]) for what, text in wrong.items()),
    ]  # fmt: skip


def _values() -> list[Made]:
    good = {
        "0": 0.0, "-0.0": 0.0, "1": 1.0, "-1": -1.0, "1.25": 1.25, "1E2": 100.0, "1e-2": 0.01, "0.1": 0.1,
        "5e-324": 5e-324, "2e-324": 0.0, "1.7976931348623157e308": 1.7976931348623157e308,
        "-1.7976931348623157e308": -1.7976931348623157e308, "9007199254740993": 9007199254740992.0,
        "18446744073709551616": 2.0**64, f"1{'0' * 308}": 1e308, "123456789.123456789123456789": 123456789.12345679,
        "0.30000000000000004": 0.30000000000000004, "1e-400": 0.0,
    }  # fmt: skip
    bad = {
        "null": "null", "true": "true", "false": "false", "text": '"1.25"', "empty-text": '""', "array": "[1]",
        "object": '{"v":1}', "1e309": "1e309", "-1e309": "-1e309", "1.7976931348623159e308": "1.7976931348623159e308",
        "400-digits": "9" * 400, "minus-400-digits": "-" + "9" * 400, "nan-text": '"NaN"',
    }  # fmt: skip
    number = '"bv":1.7e308,"v":1.7e308'
    return [
        *((f"value-{n}", f"{len(text)} characters", "5.6", _one(f'"v":{text}'), [level(value)])
          for n, (text, value) in enumerate(good.items())),
        *((f"value-{what}", "no finite number", "5.6", _one(f'"v":{text}'), [_N]) for what, text in bad.items()),
        ("value-absent", "none", "5.6", f'[{{"n":"level",{AT}}}]', [_N]),
        ("value-sum-overflows", "each is finite, the sum is not", "5.6", _one(number), [_N]),
        ("value-sum-rounds", "in IEEE double", "5.6", _one('"bv":0.1,"v":0.2'), [level(0.1 + 0.2)]),
        ("value-large-sum", "in IEEE double", "5.6", _one('"bv":9007199254740992,"v":1'), [level(9007199254740992.0)]),
    ]  # fmt: skip


def _order() -> list[Made]:
    future, old, relative = f'"t":{NOW_S + 400}', '"t":300000000', '"t":5'
    many = (
        f'[{{"n":"level",{AT},"v":1.25}},{{"n":"x",{AT},"v":1}},{{"n":"level","u":"ft",{AT},"v":1}},'
        f'{{"n":"level",{AT}}},{{"n":"level","t":1,"v":1}},{{"n":"level",{future},"v":1}},'
        f'{{"n":"level",{old},"v":1}},{{"n":"level",{AT},"v":1.25}}]'
    )
    return [
        ("name-before-unit", "both wrong", "5.10", f'[{{"n":"x","u":"ft",{AT},"v":1}}]', [_U]),
        ("name-before-value", "both wrong", "5.10", f'[{{"n":"x",{AT},"v":null}}]', [_U]),
        ("unit-before-value", "both wrong", "5.10", f'[{{"n":"level","u":"ft",{AT}}}]', [_W]),
        ("unit-before-time", "both wrong", "5.10", f'[{{"n":"level","u":"ft",{relative},"v":1}}]', [_W]),
        ("value-before-relative", "both wrong", "5.10", f'[{{"n":"level",{relative},"v":null}}]', [_N]),
        ("value-before-future", "both wrong", "5.10", f'[{{"n":"level",{future},"v":true}}]', [_N]),
        ("value-before-old", "both wrong", "5.10", f'[{{"n":"level",{old},"v":"1"}}]', [_N]),
        ("one-by-one", "each for itself", "5.10",
         many,
         [OK, _U, _W, _N, _R, _F, _O, OK]),
    ]  # fmt: skip


def _ignored() -> list[Made]:
    fields = {
        "unknown": '"x":1', "unknown-overflow": '"x":1e400', "unknown-digits": f'"x":{"9" * 400}', "empty-name": '"":1',
        "unknown-null": '"x":null', "unknown-nested": '"x":{"vs":"a","y_":1,"v":null}', "ut-number": '"ut":60',
        "ut-text": '"ut":"often"', "ut-null": '"ut":null', "ut-object": '"ut":{"a":[]}', "under-first": '"_x":1',
        "under-middle": '"x_y":1', "case": '"V":9,"N":"x","T":0', "case-vs": '"VS":"a"', "half-pair": '"x":"\\ud800"',
        "bver-1": '"bver":1', "bver-9": '"bver":9', "bver-10": '"bver":10', "bver-5": '"bver":5',
    }  # fmt: skip
    return [
        (f"ignored-{what}", "changes nothing", "5.7 5.8", _one(f'"v":1.25,{text}'), [OK])
        for what, text in fields.items()
    ]
