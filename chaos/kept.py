"""What is kept of people's doings: rows, audit, and the files of pictures, once what nobody needs is swept away."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec

from hydroalert.config import Config
from hydroalert.evidence.storage import FOLDER, open_storage
from hydroalert.evidence.sweeping import AT_ONCE, UNKNOWN_AFTER, sweep_abandoned, sweep_unknown
from hydroalert.store import open_pool
from hydroalert.store.writing import writing

_REPORTS = "SELECT id::text, text AS words, state, version FROM report"
_EVENTS = """
SELECT report_id::text AS report, number, kind, author, text AS words, state FROM report_event
ORDER BY report_id, number
"""
_PICTURES = """
SELECT evidence.id::text, report_id::text AS report, number, encode(sha256, 'hex') AS sha256, kept_bytes,
       picture.key AS picture, thumbnail.key AS thumbnail
FROM evidence
LEFT JOIN evidence_file AS picture ON picture.evidence_id = evidence.id AND picture.kind = 'picture'
LEFT JOIN evidence_file AS thumbnail ON thumbnail.evidence_id = evidence.id AND thumbnail.kind = 'thumbnail'
"""
_UNUSED = "SELECT count(*) FROM evidence_file WHERE evidence_id IS NULL"
_COUNTS = """
SELECT shelter.code::text AS shelter, at, occupancy, author,
       shelter.code || '/' || (to_jsonb(shelter_occupancy) ->> 'at') AS target
FROM shelter_occupancy JOIN shelter ON shelter.id = shelter_id
"""
_AUDIT = """
SELECT act, thing, target, actor, coalesce((after ->> 'version')::integer, 0) AS version FROM audit.entry
WHERE thing IN ('report', 'evidence', 'shelter occupancy')
"""
_BEGINS, _ENDS = b"\xff\xd8", b"\xff\xd9"  # of a JPEG, which is what is kept of every picture


class Report(msgspec.Struct, frozen=True):
    """A report."""

    id: str
    words: str
    state: str
    version: int


class Event(msgspec.Struct, frozen=True):
    """One event of a report's story."""

    report: str
    number: int
    kind: str
    author: str
    words: str
    state: str


class Picture(msgspec.Struct, frozen=True):
    """A picture, and the names of its files; None where no row names one."""

    id: str
    report: str
    number: int
    sha256: str
    kept_bytes: int
    picture: str | None
    thumbnail: str | None


class Count(msgspec.Struct, frozen=True):
    """How many people were in a shelter; `target` is what the audit calls that."""

    shelter: str
    at: datetime
    occupancy: int
    author: str
    target: str


class Entry(msgspec.Struct, frozen=True):
    """One entry of the audit. `version`: which the report has since; 0 of anything else."""

    act: str
    thing: str
    target: str
    actor: str
    version: int


class Swept(msgspec.Struct, frozen=True):
    """Files that were deleted: `abandoned` ones were announced, `unannounced` ones never."""

    abandoned: int
    unannounced: int


class Kept(msgspec.Struct, frozen=True):
    """Everything, from one snapshot; then the files: how long each is, 0 where it is no whole picture. `unused`: files
    that are announced, and of no picture."""

    reports: Sequence[Report]
    events: Sequence[Event]
    pictures: Sequence[Picture]
    counts: Sequence[Count]
    audit: Sequence[Entry]
    unused: int
    files: Mapping[str, int]


async def sweep(database: str, data_dir: Path) -> Swept:
    """The platform's own sweeps, as they would be days from now. Only while nobody sends pictures."""
    storage = open_storage(None, data_dir, Config({}, data_dir).master_key)
    later, abandoned, more = datetime.now(UTC) + 2 * UNKNOWN_AFTER, 0, AT_ONCE
    pool = await open_pool(database)
    try:
        while more == AT_ONCE:
            async with writing(pool) as connection:
                more = await sweep_abandoned(storage, connection, later)
                abandoned += more
        async with writing(pool) as connection:
            return Swept(abandoned, await sweep_unknown(storage, connection, later))
    finally:
        await pool.close()


async def read_kept(database: str, data_dir: Path) -> Kept:
    """Everything that is kept. Raises asyncpg's errors where the database is away."""
    connection = await asyncpg.connect(database, timeout=5, server_settings={"timezone": "UTC"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return Kept(
                reports=msgspec.convert(await connection.fetch(_REPORTS), list[Report]),
                events=msgspec.convert(await connection.fetch(_EVENTS), list[Event]),
                pictures=msgspec.convert(await connection.fetch(_PICTURES), list[Picture]),
                counts=msgspec.convert(await connection.fetch(_COUNTS), list[Count]),
                audit=msgspec.convert(await connection.fetch(_AUDIT), list[Entry]),
                unused=await connection.fetchval(_UNUSED),
                files={path.name: _length(path.read_bytes()) for path in (data_dir / FOLDER).glob("*")},
            )
    finally:
        await connection.close()


def _length(content: bytes) -> int:
    return len(content) if content.startswith(_BEGINS) and content.endswith(_ENDS) else 0
