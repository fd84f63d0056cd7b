"""What a follower missed, found by the last revision that it heard of (`Last-Event-ID`)."""

import re
from datetime import datetime, timedelta

import msgspec

from hydroalert.store import Pool
from hydroalert.store.reading import reading
from hydroalert.store.reading_live import AreaState, revisions_since, time_of_revision

_IDENTITY = re.compile(r"(drill/)?([a-z0-9][a-z0-9-]{0,62}):([1-9][0-9]{0,17})", flags=re.ASCII)
_MOST = 1_000
_OLDEST = timedelta(days=1)
_LATE_COMMIT = timedelta(minutes=1)
_SAME_FOR = timedelta(seconds=1)
_KEPT = 64


class Missed(msgspec.Struct, frozen=True):
    """The revisions since, of all areas; `reason`: why they cannot be told, and all must begin anew."""

    states: tuple[AreaState, ...] = ()
    reason: str | None = None


class Replays:
    """Looks up what was missed. When a process is gone, thousands come back with the same few ids: asked once."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._found: dict[str, tuple[datetime, Missed]] = {}

    async def since(self, identity: str, now: datetime) -> Missed:
        """What came after the event of that id. Raises Unavailable."""
        known = self._found.get(identity)
        if known is not None and timedelta() <= now - known[0] < _SAME_FOR:
            return known[1]
        found = await self._look(identity, now)
        if len(self._found) >= _KEPT:
            self._found.clear()
        self._found[identity] = (now, found)
        return found

    async def _look(self, identity: str, now: datetime) -> Missed:
        words = _IDENTITY.fullmatch(identity)
        if words is None:
            return Missed(reason="this id is none of ours: forget what you have")
        drill, code, revision = words.groups()
        async with reading(self._pool) as connection:
            at = await time_of_revision(connection, code, drill is not None, int(revision))
            if at is None:
                return Missed(reason="that revision is not known here: forget what you have")
            if now - at > _OLDEST:
                return Missed(reason="you were away too long: forget what you have")
            states = await revisions_since(connection, at - _LATE_COMMIT, _MOST + 1)
        if len(states) > _MOST:
            return Missed(reason="you missed too much: forget what you have")
        return Missed(tuple(states))
