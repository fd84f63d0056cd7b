"""Laws of signed links: each opens one picture for a few minutes, and nothing else."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from hydroalert.evidence.sign import VALID_FOR, Fault, Variant, fault_of, link_key, links_to

KEY = link_key(bytes(32))
ONE, OTHER = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 22, 4, 3, 7, tzinfo=UTC)


def opened(path: str, *, key: bytes = KEY, at: datetime = NOW, evidence: UUID = ONE, later_s: int = 0) -> Fault | None:
    """What the link's expiry and signature open."""
    parts = urlsplit(path)
    told = parse_qs(parts.query)
    variant = Variant(parts.path.rpartition("/")[2])
    return fault_of(key, evidence, variant, int(told["expires"][0]) + later_s, told["signature"][0], at)


def test_a_link_opens_its_picture_until_it_expires_and_the_same_is_made_for_minutes() -> None:
    links = links_to(KEY, ONE, NOW)
    assert opened(links.picture) is None
    assert opened(links.thumbnail) is None
    assert NOW + timedelta(minutes=10) < links.expires_at <= NOW + VALID_FOR
    assert opened(links.picture, at=links.expires_at - timedelta(seconds=1)) is None
    assert opened(links.picture, at=links.expires_at) == Fault.EXPIRED
    assert links_to(KEY, ONE, NOW + timedelta(minutes=1)) == links
    assert links_to(KEY, ONE, NOW + timedelta(minutes=5)) != links


def test_nothing_of_a_link_can_be_changed() -> None:
    links = links_to(KEY, ONE, NOW)
    thumbnail_as_picture = links.thumbnail.replace("/thumbnail", "/picture")
    assert opened(links.picture, evidence=OTHER) == Fault.BAD
    assert opened(thumbnail_as_picture) == Fault.BAD
    assert opened(links.picture, later_s=60) == Fault.BAD
    assert opened(links.picture, key=link_key(b"\1" * 32)) == Fault.BAD
    assert opened(links.picture[:-1] + ("A" if links.picture[-1] != "A" else "B")) == Fault.BAD
    assert opened(links.picture + "é") == Fault.BAD
    assert opened(links.picture, later_s=10**9, at=NOW + timedelta(days=9)) == Fault.BAD
