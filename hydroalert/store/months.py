"""Observations are kept by month of their phenomenon time: months are made before a batch needs them."""

from collections.abc import Iterable
from datetime import UTC, datetime

import asyncpg

from hydroalert.store.pool import Connection

Month = tuple[int, int]
_LOCK = 0x4D4F4E54
_PREFIX = "observation_"
_UNHURRIED_S = 3600.0
"""A detaching waits for whoever reads the series, a dump for instance."""

_MONTHS = """
SELECT child.relname FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = 'observation'::regclass AND NOT inhdetachpending
"""


_HALF_DETACHED = """
SELECT child.relname FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = 'observation'::regclass AND inhdetachpending
"""


def month_of(moment: datetime) -> Month:
    """The UTC month that a time lies in."""
    return moment.year, moment.month


def following(month: Month) -> Month:
    """The next month."""
    year, number = month
    return (year + 1, 1) if number == 12 else (year, number + 1)


def start_of(month: Month) -> datetime:
    """Its first moment."""
    return datetime(*month, 1, tzinfo=UTC)


async def existing_months(connection: Connection) -> set[Month]:
    """The months that `observation` has a partition for."""
    return {_month_named(row["relname"]) for row in await connection.fetch(_MONTHS)}


async def make_months(connection: Connection, months: Iterable[Month]) -> None:
    """Attach a partition for each month that has none.

    Each in its own transaction, made beside the table and then attached: `CREATE … PARTITION OF` would wait behind
    every open insert.
    """
    for month in sorted(months):
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            if month not in await existing_months(connection):
                await _finish_detaching(connection)  # this very one may be half detached
                await _attach(connection, month)


async def _attach(connection: Connection, month: Month) -> None:
    name, first, end = _name_of(month), start_of(month), start_of(following(month))
    bounds = f"phenomenon_time >= '{first.isoformat()}' AND phenomenon_time < '{end.isoformat()}'"
    await connection.execute(
        f"CREATE TABLE IF NOT EXISTS {name} (LIKE observation INCLUDING ALL, CONSTRAINT month CHECK ({bounds}))"
    )
    await connection.execute(
        f"ALTER TABLE observation ATTACH PARTITION {name} "
        f"FOR VALUES FROM ('{first.isoformat()}') TO ('{end.isoformat()}')"
    )
    await connection.execute(f"ALTER TABLE {name} DROP CONSTRAINT IF EXISTS month")


async def detach_expired(connection: Connection, earliest: datetime) -> list[str]:
    """Detach every month that lies wholly before `earliest`; its table stays, for whoever wants to archive it."""
    await _finish_detaching(connection)
    detached = []
    for month in sorted(await existing_months(connection)):
        if start_of(following(month)) <= earliest:
            statement = f"ALTER TABLE observation DETACH PARTITION {_name_of(month)} CONCURRENTLY"
            try:
                await connection.execute(statement, timeout=_UNHURRIED_S)
            except asyncpg.ObjectNotInPrerequisiteStateError:  # another worker is at it
                continue
            detached.append(_name_of(month))
    return detached


async def _finish_detaching(connection: Connection) -> None:
    """A DETACH that was interrupted leaves its month half detached, and no other can begin."""
    for row in await connection.fetch(_HALF_DETACHED):
        name = row["relname"]
        await connection.execute(f"ALTER TABLE observation DETACH PARTITION {name} FINALIZE", timeout=_UNHURRIED_S)


def _name_of(month: Month) -> str:
    return f"{_PREFIX}{month[0]:04}_{month[1]:02}"


def _month_named(relname: str) -> Month:
    year, number = relname.removeprefix(_PREFIX).split("_")
    return int(year), int(number)
