"""Files that no evidence names: what was begun and never finished, and what is left of evidence that was removed."""

from datetime import datetime, timedelta

import msgspec

from hydroalert.evidence.storage import Storage
from hydroalert.store import Pool
from hydroalert.store.evidence import announced_among, forget_files, lock_abandoned
from hydroalert.store.reading import reading
from hydroalert.store.writing import writing

ABANDONED_AFTER = timedelta(hours=1)
UNKNOWN_AFTER = timedelta(days=1)

_AT_ONCE = 50


class Swept(msgspec.Struct, frozen=True):
    """How many files were deleted: announced ones that no evidence names, and others that nobody announced."""

    abandoned: int
    unknown: int


async def sweep(pool: Pool, storage: Storage, now: datetime) -> Swept:
    """Delete them. Once more deletes nothing more; several at once do not get in each other's way. Raises Unavailable
    when the database or the store does not answer: the next sweep finds what this one left."""
    return Swept(await _sweep_abandoned(pool, storage, now), await _sweep_unknown(pool, storage, now))


async def _sweep_abandoned(pool: Pool, storage: Storage, now: datetime) -> int:
    """The rows stay locked until their files are gone, so that nobody makes evidence of them meanwhile."""
    swept = 0
    while True:
        async with writing(pool) as connection:
            keys = await lock_abandoned(connection, now - ABANDONED_AFTER, _AT_ONCE)
            for key in keys:
                await storage.delete(key)
            await forget_files(connection, keys)
        swept += len(keys)
        if len(keys) < _AT_ONCE:
            return swept


async def _sweep_unknown(pool: Pool, storage: Storage, now: datetime) -> int:
    """Such as those of a database that was set back to an older copy."""
    swept = 0
    async for keys in storage.older_than(now - UNKNOWN_AFTER):
        async with reading(pool) as connection:
            known = await announced_among(connection, keys)
        for key in set(keys) - known:
            await storage.delete(key)
            swept += 1
    return swept
