"""What is heard of each datastream now: whether it is live, silent, in maintenance (G7, G9). Pure."""

from datetime import datetime, timedelta

import msgspec

from hydroalert.judging.context import Context, Point, Stream
from hydroalert.judging.signals import newest_usable


class Hearing(msgspec.Struct, frozen=True):
    """One datastream as it is heard. `silent_since`: None while it speaks; the least datetime where it never did."""

    stream: Stream
    newest: Point | None
    live: bool
    silent_since: datetime | None
    in_maintenance: bool


def hear(context: Context, stream: Stream) -> Hearing:
    """The newest usable observation counts while it is younger than `live_for_s`; a failing sensor does not speak."""
    newest = newest_usable(stream)
    in_maintenance = stream.maintenance_until is not None and context.now < stream.maintenance_until
    live = newest is not None and context.now - newest.time < timedelta(seconds=stream.live_for_s)
    silent_since = _silence_begins(stream, newest, context.silence_factor)
    return Hearing(stream, newest, live, silent_since if silent_since <= context.now else None, in_maintenance)


def _silence_begins(stream: Stream, newest: Point | None, factor: float) -> datetime:
    if newest is None:
        return NEVER_SPOKE
    return newest.time + timedelta(seconds=stream.interval_s * factor)


NEVER_SPOKE = datetime.fromisoformat("1970-01-01T00:00:00Z")


def silences_at(context: Context, hearing: Hearing) -> datetime | None:
    """When it will count as silent if nothing more is heard; None where it does, or is not missed."""
    if hearing.silent_since is not None or hearing.newest is None:
        return None
    return _silence_begins(hearing.stream, hearing.newest, context.silence_factor)


def all_silent_since(hearings: list[Hearing]) -> datetime | None:
    """Since when the last of them has been silent; None while one speaks, or where none is missed."""
    missed = [one for one in hearings if not one.in_maintenance]
    if not missed or any(one.silent_since is None for one in missed):
        return None
    return max(one.silent_since for one in missed if one.silent_since is not None)
