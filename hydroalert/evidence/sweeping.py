"""Files that no evidence names: what was begun and never finished, and what is left of evidence that was removed.

Either runs within the caller's transaction, says how many files it deleted, and done twice deletes nothing more. When
the store does not answer (Unavailable), the next one finds what this one left.
"""

from datetime import datetime, timedelta

from hydroalert.evidence.storage import Storage
from hydroalert.store import Connection
from hydroalert.store.evidence import announced_among, forget_files, lock_abandoned

ABANDONED_AFTER = timedelta(hours=1)
UNKNOWN_AFTER = timedelta(days=1)
AT_ONCE = 500


async def sweep_abandoned(storage: Storage, connection: Connection, now: datetime) -> int:
    """Delete up to AT_ONCE files that were announced an hour ago and that no evidence names. Their rows stay locked
    until they are gone, so that nobody makes evidence of them meanwhile."""
    keys = await lock_abandoned(connection, now - ABANDONED_AFTER, AT_ONCE)
    for key in keys:
        await storage.delete(key)
    await forget_files(connection, keys)
    return len(keys)


async def sweep_unknown(storage: Storage, connection: Connection, now: datetime) -> int:
    """Delete files of a day ago that nobody announced, such as those of a database that was set back to an older
    copy."""
    swept = 0
    async for keys in storage.older_than(now - UNKNOWN_AFTER):
        for key in set(keys) - await announced_among(connection, keys):
            await storage.delete(key)
            swept += 1
    return swept
