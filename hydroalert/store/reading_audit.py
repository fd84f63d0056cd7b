"""The audit as it is read: the newest first, page by page."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from hydroalert.domain.audit import Entry, Filter
from hydroalert.store.pool import Connection, Pool
from hydroalert.store.reading import reading

_AT_ONCE = 1_000

_LIST = """
    SELECT id, at, actor_kind, actor, account_id, address, request_id, act, thing, target, before, after
    FROM audit.entry
    WHERE ($1::bigint IS NULL OR id < $1)
      AND ($2::text IS NULL OR actor = $2)
      AND ($3::text IS NULL OR thing = $3)
      AND ($4::text IS NULL OR target = $4)
      AND ($5::text IS NULL OR act = $5)
      AND ($6::text IS NULL OR request_id = $6)
      AND ($7::timestamptz IS NULL OR at >= $7)
      AND ($8::timestamptz IS NULL OR at < $8)
    ORDER BY id DESC LIMIT $9
"""


async def list_entries(connection: Connection, wanted: Filter, before_id: int | None, limit: int) -> list[Entry]:
    """Up to `limit` entries, the newest first, that are older than `before_id`."""
    rows = await connection.fetch(_LIST, before_id, *msgspec.structs.astuple(wanted), limit)
    return [_entry(row) for row in rows]


async def all_entries(pool: Pool, wanted: Filter) -> AsyncIterator[list[Entry]]:
    """All of them, the newest first, a thousand at a time; in between no connection is held. Raises Unavailable."""
    before_id = None
    while True:
        async with reading(pool) as connection:
            found = await list_entries(connection, wanted, before_id, _AT_ONCE)
        if found:
            yield found
        if len(found) < _AT_ONCE:
            return
        before_id = found[-1].id


def _entry(row: Any) -> Entry:
    documents = {name: row[name] and msgspec.json.decode(row[name]) for name in ("before", "after")}
    return msgspec.convert({**row, **documents}, Entry)
