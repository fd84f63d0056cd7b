"""When API keys were last used: kept to the minute, so that a machine that asks often does not write as often."""

from datetime import datetime, timedelta

from hydroalert.domain.errors import Unavailable
from hydroalert.store import Pool
from hydroalert.store.keys import note_use
from hydroalert.store.writing import writing

_EVERY = timedelta(minutes=1)


class KeyUses:
    """Which uses this process kept last; as many as there are keys."""

    def __init__(self) -> None:
        self._kept_at: dict[str, datetime] = {}

    async def note(self, pool: Pool, code: str, now: datetime) -> None:
        """The key of that code was used now. A database that is busy is no reason to refuse it."""
        kept_at = self._kept_at.get(code)
        if kept_at is not None and abs(now - kept_at) < _EVERY:
            return
        self._kept_at[code] = now
        try:
            async with writing(pool) as connection:
                await note_use(connection, code, now)
        except Unavailable:
            del self._kept_at[code]
