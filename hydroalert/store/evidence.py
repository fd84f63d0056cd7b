"""Pictures of reports: what is known of each, and which files there are. Whoever adds one holds its report's row."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.store.pool import Connection, Pool, affected

_KEPT = """
SELECT evidence.id, evidence.report_id, evidence.number, evidence.sha256, evidence.sent_type, evidence.sent_bytes,
       evidence.width, evidence.height, evidence.kept_bytes, evidence.received_at,
       ST_X(evidence.hint_position) AS hint_lon, ST_Y(evidence.hint_position) AS hint_lat,
       evidence.hint_at, evidence.hint_off_m,
       evidence.like_evidence, earlier.report_id AS like_report, evidence.like_bits
FROM evidence LEFT JOIN evidence AS earlier ON earlier.id = evidence.like_evidence
"""
_OF_REPORTS = f"{_KEPT} WHERE evidence.report_id = ANY ($1) ORDER BY evidence.report_id, evidence.number"
_SAME = f"{_KEPT} WHERE evidence.report_id = $1 AND evidence.sha256 = $2"
_ONE = f"{_KEPT} WHERE evidence.id = $1"
_ADD = """
INSERT INTO evidence (id, report_id, number, sha256, likeness, sent_type, sent_bytes, width, height, kept_bytes,
                      received_at, hint_position, hint_at, like_evidence, like_bits, hint_off_m)
SELECT $1, report.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, hint, $14, $15, $16,
       ST_Distance(hint::geography, report.position::geography)
FROM report, ST_SetSRID(ST_MakePoint($12, $13), 4326) AS hint WHERE report.id = $2
"""
_NUMBERS = "SELECT number FROM evidence WHERE report_id = $1"
_ALIKE = """
SELECT id, least(CASE WHEN sha256 = $1 THEN 0 END, bit_count((likeness # $2)::bit(64)))::integer AS bits
FROM evidence
WHERE received_at >= $3
  AND (sha256 = $1 OR ($4::integer IS NOT NULL AND bit_count((likeness # $2)::bit(64)) <= $4))
ORDER BY bits, received_at, id LIMIT 1
"""
_REMOVE = "DELETE FROM evidence WHERE report_id = $1"
_ABANDON = """
UPDATE evidence_file SET begun_at = '-infinity'
WHERE evidence_id IN (SELECT id FROM evidence WHERE report_id = $1)
"""

_ANNOUNCE = "INSERT INTO evidence_file (key, kind, begun_at) VALUES ($1, $2, $3)"
_LINK = "UPDATE evidence_file SET evidence_id = $1 WHERE key = ANY ($2) AND evidence_id IS NULL"
_KEY = "SELECT key FROM evidence_file WHERE evidence_id = $1 AND kind = $2"
_ABANDONED = """
SELECT key FROM evidence_file WHERE evidence_id IS NULL AND begun_at < $1
ORDER BY begun_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_FORGET = "DELETE FROM evidence_file WHERE key = ANY ($1) AND evidence_id IS NULL"
_ANNOUNCED = "SELECT key FROM evidence_file WHERE key = ANY ($1)"


class NewEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as it is written; `hint_lon` and `hint_lat`: both, or neither."""

    id: UUID
    report_id: UUID
    number: int
    sha256: bytes
    likeness: int
    sent_type: str
    sent_bytes: int
    width: int
    height: int
    kept_bytes: int
    received_at: datetime
    hint_lon: float | None
    hint_lat: float | None
    hint_at: datetime | None
    like_evidence: UUID | None
    like_bits: int | None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a report. `sha256`: of the bytes as they were sent; `width`, `height`, `kept_bytes`: of what is
    kept. `hint_…`: what its metadata says, and how far from the place that the report claims. `like_…`: the picture
    that came earlier and is the same or alike, its report, and in how many bits of 64 they differ.
    """

    id: UUID
    report_id: UUID
    number: int
    sha256: bytes
    sent_type: str
    sent_bytes: int
    width: int
    height: int
    kept_bytes: int
    received_at: datetime
    hint_lon: float | None
    hint_lat: float | None
    hint_at: datetime | None
    hint_off_m: float | None
    like_evidence: UUID | None
    like_report: UUID | None
    like_bits: int | None


class Alike(msgspec.Struct, frozen=True):
    """An earlier picture that is the same, or differs in so many bits."""

    id: UUID
    bits: int


async def list_evidence(connection: Connection, report_ids: Sequence[UUID]) -> list[Evidence]:
    """The pictures of these reports, by report and number."""
    return msgspec.convert(await connection.fetch(_OF_REPORTS, report_ids), list[Evidence])


async def find_evidence(connection: Connection, evidence_id: UUID) -> Evidence | None:
    """The picture of that id."""
    row = await connection.fetchrow(_ONE, evidence_id)
    return None if row is None else msgspec.convert(row, Evidence)


async def find_same(connection: Connection, report_id: UUID, sha256: bytes) -> Evidence | None:
    """The picture of this report that was sent with these very bytes."""
    row = await connection.fetchrow(_SAME, report_id, sha256)
    return None if row is None else msgspec.convert(row, Evidence)


async def taken_numbers(connection: Connection, report_id: UUID) -> set[int]:
    """Which numbers the report's pictures have."""
    return {row["number"] for row in await connection.fetch(_NUMBERS, report_id)}


async def find_alike(
    connection: Connection, sha256: bytes, likeness: int, since: datetime, *, max_bits: int | None
) -> Alike | None:
    """Of the pictures since then the one most like this: the same bytes, else one that differs in no more bits than
    that; `max_bits` None asks for the same bytes only. Among equals the earliest."""
    row = await connection.fetchrow(_ALIKE, sha256, likeness, since, max_bits)
    return None if row is None else msgspec.convert(row, Alike)


async def add_evidence(connection: Connection, new: NewEvidence, keys: Sequence[str]) -> bool:
    """Add a picture and name its files, in the caller's transaction. False where a file is not announced any more."""
    await connection.execute(
        _ADD,
        *(new.id, new.report_id, new.number, new.sha256, new.likeness, new.sent_type, new.sent_bytes, new.width),
        *(new.height, new.kept_bytes, new.received_at, new.hint_lon, new.hint_lat, new.hint_at),
        *(new.like_evidence, new.like_bits),
    )
    return affected(await connection.execute(_LINK, new.id, keys)) == len(keys)


async def remove_evidence(connection: Connection, report_id: UUID) -> int:
    """Remove the pictures of a report, in the caller's transaction; how many there were. The next sweep takes their
    files."""
    await connection.execute(_ABANDON, report_id)
    return affected(await connection.execute(_REMOVE, report_id))


async def announce_files(connection: Connection | Pool, keys: dict[str, str], at: datetime) -> None:
    """Say, before they are written, that there will be files: `keys` by their kind, `picture` or `thumbnail`."""
    await connection.executemany(_ANNOUNCE, [(key, kind, at) for kind, key in keys.items()])


async def find_key(connection: Connection, evidence_id: UUID, kind: str) -> str | None:
    """Under which key a picture's file of that kind is stored."""
    key: str | None = await connection.fetchval(_KEY, evidence_id, kind)
    return key


async def lock_abandoned(connection: Connection, begun_before: datetime, limit: int) -> list[str]:
    """Keys of files that no picture names although they were begun before then; locked, so that none will."""
    return [row["key"] for row in await connection.fetch(_ABANDONED, begun_before, limit)]


async def forget_files(connection: Connection, keys: Sequence[str]) -> None:
    """Forget files that are deleted."""
    await connection.execute(_FORGET, keys)


async def announced_among(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Those of these keys that somebody announced."""
    return {row["key"] for row in await connection.fetch(_ANNOUNCED, keys)}
