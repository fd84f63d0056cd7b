"""What is shown of pictures: to who sent them that they are there, to operators what is known of them besides."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from hydroalert.api.services import Services
from hydroalert.api.stations.views import Position, Time
from hydroalert.domain.clock import rfc3339
from hydroalert.evidence.sign import links_to
from hydroalert.store import evidence as store

Link = Annotated[
    str, msgspec.Meta(description="A path here that opens the picture to whoever has it, until expires_at")
]


class PictureLinks(msgspec.Struct, frozen=True):
    """Where a picture can be seen, for a few minutes: ask again for new links."""

    picture: Link
    thumbnail: Link
    expires_at: Time


class SentPicture(msgspec.Struct, frozen=True):
    """A picture as its sender sees it: made anew, upright and without the place and time that were in it."""

    id: UUID
    number: int
    width: int
    height: int
    received_at: Time
    links: PictureLinks


class Hint(msgspec.Struct, frozen=True):
    """What the picture's own metadata says, where anyone can write anything. `off_m`: from the reported place."""

    position: Position | None
    off_m: float | None
    at: Time | None


class Likeness(msgspec.Struct, frozen=True):
    """An earlier picture that is the same (0 bits) or differs in so few of 64 that it shows the same."""

    evidence: UUID
    report: UUID
    bits: int


class PictureDetails(msgspec.Struct, frozen=True):
    """A picture as operators see it. `sha256`: of the bytes that were sent; `sent_type`: what they were."""

    id: UUID
    number: int
    width: int
    height: int
    received_at: Time
    links: PictureLinks
    sent_type: str
    sent_bytes: int
    sha256: str
    hint: Hint | None
    like: Likeness | None


def links_of(services: Services, evidence_ids: Iterable[UUID], now: datetime) -> dict[UUID, PictureLinks]:
    """Links to these pictures, good for 10 to 15 minutes. Whether the caller may see them is the caller's to say."""
    return {one: _links(services, one, now) for one in evidence_ids}


def show_sent(services: Services, found: store.Evidence, now: datetime) -> SentPicture:
    """To who sent it."""
    links, at = _links(services, found.id, now), rfc3339(found.received_at)
    return SentPicture(found.id, found.number, found.width, found.height, at, links)


def show_details(services: Services, found: store.Evidence, now: datetime) -> PictureDetails:
    """To operators."""
    return PictureDetails(
        id=found.id,
        number=found.number,
        width=found.width,
        height=found.height,
        received_at=rfc3339(found.received_at),
        links=_links(services, found.id, now),
        sent_type=found.sent_type,
        sent_bytes=found.sent_bytes,
        sha256=found.sha256.hex(),
        hint=_hint(found),
        like=_likeness(found),
    )


def _links(services: Services, evidence_id: UUID, now: datetime) -> PictureLinks:
    links = links_to(services.evidence.link_key, evidence_id, now)
    return PictureLinks(links.picture, links.thumbnail, rfc3339(links.expires_at))


def _hint(found: store.Evidence) -> Hint | None:
    at = None if found.hint_at is None else rfc3339(found.hint_at)
    if found.hint_lon is None or found.hint_lat is None or found.hint_off_m is None:
        return None if at is None else Hint(None, None, at)
    return Hint(Position(found.hint_lon, found.hint_lat), round(found.hint_off_m, 1), at)


def _likeness(found: store.Evidence) -> Likeness | None:
    if found.like_evidence is None or found.like_report is None or found.like_bits is None:
        return None
    return Likeness(found.like_evidence, found.like_report, found.like_bits)
