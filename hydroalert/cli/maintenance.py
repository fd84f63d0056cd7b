"""What `station maintenance` and `datastream maintenance` share: until when, and how it is said."""

import argparse
import re
from datetime import UTC, datetime, timedelta

from hydroalert.domain.clock import rfc3339
from hydroalert.store.datastreams import LONGEST_MAINTENANCE

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def add_until(parser: argparse.ArgumentParser) -> None:
    """`--until`, `--for` or `--end`."""
    until = parser.add_mutually_exclusive_group(required=True)
    until.add_argument("--until", type=moment, metavar="TIME", help="as in 2026-11-22T18:00:00Z")
    until.add_argument("--for", dest="span", type=_span, metavar="SPAN", help="as in 90m, 4h or 2d")
    until.add_argument("--end", action="store_true", help="it is over")


def until_of(args: argparse.Namespace, now: datetime) -> datetime | None:
    """Until when; None where maintenance is over."""
    return None if args.end else args.until or now + args.span


def words_of(what: str, until: datetime | None) -> str:
    """What a person is told."""
    if until is None:
        return f"{what} is out of maintenance: what it says counts again."
    return f"{what} is in maintenance until {rfc3339(until)}: it keeps its values, raises nothing and is not missed."


def moment(text: str) -> datetime:
    """An argument that is a time with its offset."""
    try:
        given = datetime.fromisoformat(text)
        if given.tzinfo is not None:
            return given.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"{text!r}: write a time with its offset, as in 2026-11-22T18:00:00Z")


def _span(text: str) -> timedelta:
    read = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", text)
    span = timedelta(**{_UNITS[read[2]]: int(read[1])}) if read else timedelta()
    if not timedelta() < span <= LONGEST_MAINTENANCE:
        raise argparse.ArgumentTypeError(f"{text!r}: write 90m, 4h or 2d, a year at most")
    return span
