"""The simple values of CAP 1.2 between text and meaning: times, words of a list, numbers, addresses."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from hydroalert.wire.cap.message import BadCap

Check = Callable[[str], None]
"""Raises BadCap where a text cannot be the value."""

_BLANKS = " \t\n\r"
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT)(\d\d)(:[0-5]\d:[0-5]\d)([+-])(\d\d):([0-5]\d)", flags=re.ASCII)
_MAX_ZONE_MIN = 14 * 60
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_WHOLE = re.compile(r"[+-]?\d{1,24}", flags=re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d{1,24}(\.\d{0,24})?|\.\d{1,24})", flags=re.ASCII)
# What a URI cannot hold but an IRI of XML Schema may (part 2, 3.2.17), to be escaped by whoever follows it.
_ESCAPED = re.compile(r"[^\x21-\x7e]|[<>\"{}|\\^`]")
_CHARACTER = r"(?:[\w\-.~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_AUTHORITY = (
    r"//(?:(?:[\w\-.~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*@)?(?:\[[^\]]*\]|(?:[\w\-.~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)"
    r"(?::\d+)?(?=[/?#]|$)"
)
# RFC 3986, appendix A: without a scheme the first segment has no colon; without an authority no path begins with //.
_URI = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.\-]*:(?:{_AUTHORITY}|(?!//))|{_AUTHORITY}|(?!//)(?=[^:/?#]*(?:[/?#]|$)))"
    rf"(?:{_CHARACTER}|/)*(?:\?(?:{_CHARACTER}|[/?])*)?(?:#(?:{_CHARACTER}|[/?])*)?",
    flags=re.ASCII,
)


def time_text(moment: datetime) -> str:
    """`2025-11-28T06:30:00-00:00`: UTC is written with -00:00, and `Z` is not allowed (CAP 1.2, 3.3, DateTime)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def read_time(text: str) -> datetime:
    """The aware UTC time of a CAP time (3.3, DateTime; XML Schema part 2, 3.2.7). Raises BadCap."""
    found = _TIME.fullmatch(text.strip(_BLANKS))
    if found is None:
        raise BadCap(f"{text!r} is not a time such as 2025-11-28T06:30:00-00:00")
    date, hour, rest, sign, zone_h, zone_min = found.groups()
    zone = int(zone_h) * 60 + int(zone_min)
    try:
        ends_day = hour + rest == "24:00:00"
        local = datetime.fromisoformat(f"{date}{'00' if ends_day else hour}{rest}+00:00") + timedelta(days=ends_day)
        moment = local - timedelta(minutes=zone if sign == "+" else -zone)
    except (ValueError, OverflowError):
        raise BadCap(f"there is no such time as {text!r}") from None
    if zone > _MAX_ZONE_MIN:
        raise BadCap(f"there is no such offset as that of {text!r}")
    return moment


def polygon_text(ring: Iterable[Sequence[float]]) -> str:
    """`lat,lon lat,lon …` of a closed ring of (lon, lat): the reverse of GeoJSON's order (3.2.4, polygon)."""
    return " ".join(f"{_degrees(lat)},{_degrees(lon)}" for lon, lat in ring)


def any_text(_: str) -> None:
    """Any text."""


def time(text: str) -> None:
    """A time."""
    read_time(text)


def word_of(words: tuple[str, ...]) -> Check:
    """Exactly one of `words`, without blanks around it."""

    def check(text: str) -> None:
        if text not in words:
            raise BadCap(f"{text!r} is none of {' '.join(words)}")

    return check


def language(text: str) -> None:
    """RFC 3066; empty stands for the default, en-US."""
    if text and not _LANGUAGE.fullmatch(text.strip(_BLANKS)):
        raise BadCap(f"{text!r} is no language")


def whole_number(text: str) -> None:
    """A whole number in decimal."""
    if not _WHOLE.fullmatch(text.strip(_BLANKS)):
        raise BadCap(f"{text!r} is no whole number")


def decimal_number(text: str) -> None:
    """A number in decimal, without exponent."""
    if not _DECIMAL.fullmatch(text.strip(_BLANKS)):
        raise BadCap(f"{text!r} is no decimal number")


def uri(text: str) -> None:
    """An address (RFC 3986), absolute or relative."""
    if not _URI.fullmatch(_ESCAPED.sub("_", text.strip(_BLANKS))):
        raise BadCap(f"{text!r} is no address")


def _degrees(value: float) -> str:
    return f"{value:.5f}".rstrip("0").rstrip(".")
