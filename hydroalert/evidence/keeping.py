"""From a file that came in to evidence of a report: read, announced, stored, and only then named by a row.

Whoever is killed on the way leaves files that no row names, and those are swept; never a row without its files.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO
from uuid import UUID, uuid4

from hydroalert.domain.errors import Conflicting, Unavailable
from hydroalert.domain.reports import MAX_PICTURES, OPEN
from hydroalert.evidence.likeness import MAX_ALIKE_BITS, is_telling
from hydroalert.evidence.picture import Picture, Refusal
from hydroalert.evidence.pictures import Pictures
from hydroalert.evidence.sign import Variant
from hydroalert.evidence.spool import Spool
from hydroalert.store import Connection, Pool
from hydroalert.store.evidence import (
    Evidence,
    NewEvidence,
    add_evidence,
    announce_files,
    find_alike,
    find_evidence,
    find_same,
    taken_numbers,
)
from hydroalert.store.report_events import NewEvent
from hydroalert.store.reports import Report, change_report
from hydroalert.store.writing import writing

_ALIKE_FOR = timedelta(days=365)
_TOO_LATE = "storing the picture took too long: send it again"


@dataclass(frozen=True)
class Stored:
    """A picture whose files are stored, and what is known of it."""

    keys: Sequence[str]
    picture: Picture
    sha256: bytes
    sent_bytes: int
    kept_bytes: int


def check_open(report: Report) -> None:
    """Raises Conflicting for a report that takes no pictures: what was decided was decided by what was there."""
    if report.withdrawn_at is not None:
        raise Conflicting("this report is withdrawn: send a new one, with its pictures")
    if report.state not in OPEN:
        raise Conflicting("this report is decided: send a new one, with its pictures")


async def free_number(connection: Connection, report_id: UUID) -> int:
    """The least number that no picture of the report has. Raises Conflicting when it has as many as it may."""
    free = set(range(1, MAX_PICTURES + 1)) - await taken_numbers(connection, report_id)
    if not free:
        raise Conflicting(f"this report has {MAX_PICTURES} pictures: send a new one with the others")
    return min(free)


async def store_picture(pictures: Pictures, pool: Pool, sent: Spool, clock: Callable[[], datetime]) -> Stored | Refusal:
    """Read a file and store what is kept of it. Raises Unavailable."""
    with pictures.spool() as picture, pictures.spool() as thumbnail:
        answer = await pictures.readers.read(sent.file, picture.file, thumbnail.file)
        if isinstance(answer, Refusal):
            return answer
        files = {Variant.PICTURE: picture.file, Variant.THUMBNAIL: thumbnail.file}
        keys = {variant: pictures.storage.new_key() for variant in files}
        async with writing(pool) as connection:
            await announce_files(connection, {variant.value: key for variant, key in keys.items()}, clock())
        for variant, file in files.items():
            await pictures.storage.put(keys[variant], file)
        return Stored(list(keys.values()), answer, sent.sha256, sent.size_bytes, _size_bytes(picture.file))


async def keep(connection: Connection, report: Report, stored: Stored, author: str, at: datetime) -> Evidence:
    """Make what is stored evidence of a report, which the caller's transaction holds. The same bytes once more are
    the evidence that they were. Raises Conflicting, Unavailable."""
    same = await find_same(connection, report.id, stored.sha256)
    if same is not None:
        return same
    check_open(report)
    new = await _described(connection, report, stored, at)
    if not await add_evidence(connection, new, stored.keys):
        raise Unavailable(_TOO_LATE)
    await change_report(connection, report, NewEvent("picture", author, shown=True), at)
    kept = await find_evidence(connection, new.id)
    assert kept is not None
    return kept


async def _described(connection: Connection, report: Report, stored: Stored, at: datetime) -> NewEvidence:
    picture = stored.picture
    telling = MAX_ALIKE_BITS if is_telling(picture.likeness) else None
    like = await find_alike(connection, stored.sha256, picture.likeness, at - _ALIKE_FOR, max_bits=telling)
    return NewEvidence(
        id=uuid4(),
        report_id=report.id,
        number=await free_number(connection, report.id),
        sha256=stored.sha256,
        likeness=picture.likeness,
        sent_type=picture.sent_type.media_type,
        sent_bytes=stored.sent_bytes,
        width=picture.width,
        height=picture.height,
        kept_bytes=stored.kept_bytes,
        received_at=at,
        hint_lon=picture.hints.lon,
        hint_lat=picture.hints.lat,
        hint_at=picture.hints.at,
        like_evidence=None if like is None else like.id,
        like_bits=None if like is None else like.bits,
    )


def _size_bytes(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size
