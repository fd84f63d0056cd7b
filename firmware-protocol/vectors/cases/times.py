"""The time of a record, around every limit (SPEC 5.5)."""

import math

from cases.bodies import Made, body_case, level
from cases.common import FUTURE_MS, NOW_MS, NOW_S, RETENTION_MS, Case, refused

_FOR_EVER_MS = 100 * 365 * 86_400_000
_SHORT_MS = 86_400_000
_RELATIVE, _FUTURE, _OLD = map(refused, ("relative_time", "time_in_future", "time_too_old"))


def time_cases() -> list[Case]:
    """Each limit in threes: just below, at, just above."""
    return [
        *(body_case(made) for made in [*_rounding(), *_future(), *_endless(), *_relative_before_old()]),
        *(body_case(made, retention_ms=_FOR_EVER_MS) for made in _relative()),
        *(body_case(made, retention_ms=_SHORT_MS) for made in _old(_SHORT_MS)),
        *(body_case((f"{made[0]}-30-years", *made[1:]), retention_ms=RETENTION_MS) for made in _old(RETENTION_MS)),
    ]


def _at(fields: str) -> str:
    return f'[{{"n":"level",{fields},"v":1.25}}]'


def _kept_ms(base_s: float, since_s: float) -> int:
    return math.floor(1000.0 * (base_s + since_s) + 0.5)


def _rounding() -> list[Made]:
    pairs = [
        (0.0, 1764311400.001), (0.0, 1764311400.0004), (0.0, 1764311400.0006), (0.0, 1764311400.123456),
        (0.0, 1764311399.9996), (1764311400.0, -0.001), (1764311400.0, -0.0004), (1764311400.5, -0.5),
        (1764311400.0, 0.0005), (1764311400.0, 0.0015), (1764311400.0, 1e-300), (3528622800.0, -1764311400.0),
        (1764311399.999, 0.001), (0.1, 1764311399.9), (1764311400.25, 0.0),
    ]  # fmt: skip
    return [
        (f"time-rounds-{n}", f"{base_s!r} + {since_s!r}", "5.5", _at(f'"bt":{base_s!r},"t":{since_s!r}'),
         [level(1.25, _kept_ms(base_s, since_s))])
        for n, (base_s, since_s) in enumerate(pairs)
    ]  # fmt: skip


def _future() -> list[Made]:
    limit_ms = NOW_MS + FUTURE_MS
    return [
        *(_around(f"future{offset:+d}", limit_ms + offset, [_FUTURE] if offset > 0 else None) for offset in (-1, 0, 1)),
        ("future+0.4", "rounds down to the limit", "5.5", _at(f'"t":{limit_ms // 1000}.0004'), [level(1.25, limit_ms)]),
        ("future+0.6", "rounds up beyond it", "5.5", _at(f'"t":{limit_ms // 1000}.0006'), [_FUTURE]),
        ("future-year", "a year ahead", "5.5", _at(f'"t":{NOW_S + 31_536_000}'), [_FUTURE]),
        ("time-in-ms", "milliseconds instead of seconds", "5.5", _at(f'"t":{NOW_MS}'), [_FUTURE]),
    ]


def _endless() -> list[Made]:
    return [
        ("time-1e300", "finite, and never", "5.5", _at('"t":1e300'), [_FUTURE]),
        ("time-1e306", "finite in seconds, not in milliseconds", "5.5", _at('"t":1e306'), [_FUTURE]),
        ("time-sum-overflows", "each is finite, the sum is not", "5.5", _at('"bt":1.7e308,"t":1.7e308'), [_FUTURE]),
        ("time-sum-underflows", "below all", "5.5", _at('"bt":-1.7e308,"t":-1.7e308'), [_RELATIVE]),
        ("time-309-digits", "a finite integer", "5.5", _at(f'"t":1{"0" * 308}'), [_FUTURE]),
    ]


def _relative() -> list[Made]:
    limit = 2**28
    return [
        ("relative-1", "one below", "5.5", _at(f'"t":{limit - 1}'), [_RELATIVE]),
        ("relative-0.0001", "below by less than rounding takes", "5.5", _at(f'"t":{limit - 1}.9999'), [_RELATIVE]),
        ("relative+0", "on the limit it is absolute", "5.5", _at(f'"t":{limit}'), [level(1.25, limit * 1000)]),
        ("relative+1", "one above", "5.5", _at(f'"t":{limit + 1}'), [level(1.25, (limit + 1) * 1000)]),
        ("relative-sum", "the sum counts", "5.5", _at(f'"bt":{limit},"t":-1'), [_RELATIVE]),
        ("absolute-sum", "the sum counts", "5.5", _at(f'"bt":{limit - 1},"t":1'), [level(1.25, limit * 1000)]),
    ]


def _relative_before_old() -> list[Made]:
    return [
        ("no-time", "now, in RFC 8428; refused here", "5.5", '[{"n":"level","v":1.25}]', [_RELATIVE]),
        ("time-0", "now, in RFC 8428; refused here", "5.5", _at('"t":0'), [_RELATIVE]),
        ("a-minute-ago", "relative", "5.5", _at('"t":-60'), [_RELATIVE]),
        ("in-a-minute", "relative", "5.5", _at('"t":60'), [_RELATIVE]),
        ("bt-negative", "relative", "5.5", _at('"bt":-1764311400,"t":-5'), [_RELATIVE]),
        ("relative-limit-is-old", "absolute, and long ago", "5.5", _at(f'"t":{2**28}'), [_OLD]),
    ]


def _old(retention_ms: int) -> list[Made]:
    limit_ms = NOW_MS - retention_ms
    return [_around(f"old{offset:+d}", limit_ms + offset, [_OLD] if offset < 0 else None) for offset in (-1, 0, 1)]


def _around(case_id: str, time_ms: int, refusal: list[Case] | None) -> Made:
    seconds, rest_ms = divmod(time_ms, 1000)
    expected = refusal or [level(1.25, time_ms)]
    return (case_id, f"{time_ms} ms", "5.5", _at(f'"t":{seconds}.{rest_ms:03d}'), expected)
