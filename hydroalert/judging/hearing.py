"""What is heard of each datastream now: whether it is live, silent, in maintenance (G7, G9). Pure."""

from datetime import datetime, timedelta

import msgspec

from hydroalert.judging.context import Context, Point, Stream
from hydroalert.judging.signals import newest_usable

NEVER_SPOKE = datetime.fromisoformat("1970-01-01T00:00:00Z")


class Hearing(msgspec.Struct, frozen=True):
    """One datastream as it is heard. `silent_from`: when its silence begins, or will begin if nothing more is heard;
    `NEVER_SPOKE` where nothing ever was. `silent_since`: the same, None while it speaks."""

    stream: Stream
    newest: Point | None
    live: bool
    silent_from: datetime
    silent_since: datetime | None
    in_maintenance: bool


def hear(context: Context, stream: Stream) -> Hearing:
    """The newest usable observation counts while it is younger than `live_for_s`; a failing sensor does not speak."""
    newest = newest_usable(stream)
    in_maintenance = stream.maintenance_until is not None and context.now < stream.maintenance_until
    live = newest is not None and context.now - newest.time < timedelta(seconds=stream.live_for_s)
    silent_from = _silent_from(stream, newest, context.silence_factor)
    silent_since = silent_from if silent_from <= context.now else None
    return Hearing(stream, newest, live, silent_from, silent_since, in_maintenance)


def _silent_from(stream: Stream, newest: Point | None, factor: float) -> datetime:
    return NEVER_SPOKE if newest is None else newest.time + timedelta(seconds=stream.interval_s * factor)


def all_silent_since(hearings: list[Hearing]) -> datetime | None:
    """Since when the last of them has been silent; None while one speaks, or where none is missed."""
    missed = [one for one in hearings if not one.in_maintenance]
    if not missed or any(one.silent_since is None for one in missed):
        return None
    return max(one.silent_since for one in missed if one.silent_since is not None)
