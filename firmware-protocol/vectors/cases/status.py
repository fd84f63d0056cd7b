"""Bodies of status frames (SPEC 6.1)."""

from cases.common import NOW_MS, Case, case, refused

_GOOD = f'"session":7,"at":{NOW_MS}'
_MOST = 2**53 - 1


def build() -> Case:
    """What a status says, and what is none."""
    return {
        "description": "Bodies of content 2: what they say, or bad_body. Whether an online counts is not judged here.",
        "rules": ["6.1"],
        "cases": [*map(_accepted, _accepted_bodies()), *map(_refused, _refused_bodies())],
    }


def _accepted_bodies() -> list[tuple[str, str, str, dict[str, object]]]:
    plain: dict[str, object] = {"status": "online", "session": 7, "at": NOW_MS}
    return [
        ("online", "all that is required", f'{{"status":"online",{_GOOD}}}', plain),
        ("offline", "the other word", f'{{"status":"offline",{_GOOD}}}', {**plain, "status": "offline"}),
        (
            "all-fields",
            "all that is named",
            f'{{"status":"online",{_GOOD},"firmware":"1.2.3","uptime_s":86400}}',
            {**plain, "firmware": "1.2.3", "uptime_s": 86400},
        ),
        ("uptime-0", "no uptime yet", f'{{"status":"online",{_GOOD},"uptime_s":0}}', {**plain, "uptime_s": 0}),
        (
            "uptime-part",
            "parts of seconds",
            f'{{"status":"online",{_GOOD},"uptime_s":0.5}}',
            {**plain, "uptime_s": 0.5},
        ),
        ("at-0", "the clock is not set", '{"status":"online","session":7,"at":0}', {**plain, "at": 0}),
        ("at-most", "the greatest", f'{{"status":"online","session":7,"at":{_MOST}}}', {**plain, "at": _MOST}),
        ("session-0", "the least", f'{{"status":"online","session":0,"at":{NOW_MS}}}', {**plain, "session": 0}),
        (
            "session-most",
            "the greatest",
            f'{{"status":"online","session":{_MOST},"at":{NOW_MS}}}',
            {**plain, "session": _MOST},
        ),
        ("white-space", "around it", f' \t\r\n{{"status":"online",{_GOOD}}}\n', plain),
        ("unknown-field", "ignored", f'{{"status":"online",{_GOOD},"dropped":3,"x":[1,{{"y_":null}}]}}', plain),
        ("duplicate", "the last counts", f'{{"status":"asleep",{_GOOD},"status":"online"}}', plain),
        ("escaped", "an escape is the letter", f'{{"st\\u0061tus":"onlin\\u0065",{_GOOD}}}', plain),
        (
            "firmware-text",
            "any text",
            f'{{"status":"online",{_GOOD},"firmware":"v1 \\u2013 fl\u00f6de"}}',
            {**plain, "firmware": "v1 \u2013 fl\u00f6de"},
        ),
    ]


def _refused_bodies() -> list[tuple[str, str, str | bytes]]:
    online = '"status":"online"'
    return [
        ("text", "not JSON", "online"),
        ("white-only", "nothing but white space", " "),
        ("array", "not an object", "[]"),
        ("null", "not an object", "null"),
        ("empty-object", "nothing that is required", "{}"),
        ("cut", "cut short", f'{{"status":"online",{_GOOD}'),
        ("two", "two objects", f'{{"status":"online",{_GOOD}}}{{}}'),
        ("comma", "a trailing comma", f'{{"status":"online",{_GOOD},}}'),
        ("bom", "a byte order mark", b"\xef\xbb\xbf" + f'{{"status":"online",{_GOOD}}}'.encode()),
        ("utf-16", "not UTF-8", f'{{"status":"online",{_GOOD}}}'.encode("utf-16")),
        (
            "bad-utf-8",
            "not UTF-8 in a field that is ignored",
            f'{{"status":"online",{_GOOD},"x":"'.encode() + b'\xff"}',
        ),
        ("no-status", "status is required", f"{{{_GOOD}}}"),
        ("status-word", "another word", f'{{"status":"asleep",{_GOOD}}}'),
        ("status-case", "case counts", f'{{"status":"Online",{_GOOD}}}'),
        ("status-empty", "no word", f'{{"status":"",{_GOOD}}}'),
        ("status-null", "not text", f'{{"status":null,{_GOOD}}}'),
        ("status-true", "not text", f'{{"status":true,{_GOOD}}}'),
        ("status-last", "the last counts", f'{{"status":"online",{_GOOD},"status":"asleep"}}'),
        ("no-session", "session is required", f'{{{online},"at":{NOW_MS}}}'),
        ("session-minus-1", "below 0", f'{{{online},"session":-1,"at":{NOW_MS}}}'),
        ("session-beyond", "above 2^53-1", f'{{{online},"session":{2**53},"at":{NOW_MS}}}'),
        ("session-huge", "400 digits", f'{{{online},"session":{"9" * 400},"at":{NOW_MS}}}'),
        ("session-text", "not a number", f'{{{online},"session":"7","at":{NOW_MS}}}'),
        ("session-true", "not a number", f'{{{online},"session":true,"at":{NOW_MS}}}'),
        ("session-null", "not a number", f'{{{online},"session":null,"at":{NOW_MS}}}'),
        ("session-fraction", "written with a fraction", f'{{{online},"session":7.0,"at":{NOW_MS}}}'),
        ("session-exponent", "written with an exponent", f'{{{online},"session":7e0,"at":{NOW_MS}}}'),
        ("no-at", "at is required", f'{{{online},"session":7}}'),
        ("at-minus-1", "below 0", f'{{{online},"session":7,"at":-1}}'),
        ("at-beyond", "above 2^53-1", f'{{{online},"session":7,"at":{2**53}}}'),
        ("at-fraction", "written with a fraction", f'{{{online},"session":7,"at":{NOW_MS}.0}}'),
        ("at-text", "not a number", f'{{{online},"session":7,"at":"{NOW_MS}"}}'),
        ("at-null", "not a number", f'{{{online},"session":7,"at":null}}'),
        ("firmware-number", "not text", f'{{{online},{_GOOD},"firmware":1}}'),
        ("firmware-null", "not text", f'{{{online},{_GOOD},"firmware":null}}'),
        ("uptime-minus-1", "below 0", f'{{{online},{_GOOD},"uptime_s":-1}}'),
        ("uptime-text", "not a number", f'{{{online},{_GOOD},"uptime_s":"1"}}'),
        ("uptime-null", "not a number", f'{{{online},{_GOOD},"uptime_s":null}}'),
        ("uptime-true", "not a number", f'{{{online},{_GOOD},"uptime_s":true}}'),
        ("uptime-nan", "not JSON", f'{{{online},{_GOOD},"uptime_s":NaN}}'),
        ("uptime-overflow", "beyond IEEE double", f'{{{online},{_GOOD},"uptime_s":1e400}}'),
        ("deep-65", "nested deeper than 64 levels", f'{{{online},{_GOOD},"x":{"[" * 64}{"]" * 64}}}'),
        ("deep-1000", "nested far deeper", f'{{{online},{_GOOD},"x":{"[" * 1000}{"]" * 1000}}}'),
    ]


def _accepted(given: tuple[str, str, str, dict[str, object]]) -> Case:
    case_id, comment, body, result = given
    return case(case_id, comment, "6.1", flags=["good"], body=body.encode().hex(), result=result)


def _refused(given: tuple[str, str, str | bytes]) -> Case:
    case_id, comment, body = given
    raw = body if isinstance(body, bytes) else body.encode()
    return case(case_id, comment, "6.1", flags=["bad_body"], body=raw.hex(), result=refused("bad_body"))
