"""Laws of the CAP feed: newest first, no page twice, exercises apart, and nobody is sent what he has already."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
import pytest
from lxml import etree

from hydroalert.domain.alerts import Transition
from hydroalert.judging.telling import CapMessage, cap_message
from hydroalert.judging.voice import Voice
from hydroalert.store.reading_cap import EarlierMessage, earlier_messages
from hydroalert.wire.cap.read import read_cap
from tests.api.world import World
from tests.judging.warned import AREA, change

ATOM = {"atom": "http://www.w3.org/2005/Atom"}
START = datetime(2025, 11, 28, 6, 0, tzinfo=UTC)
FEED = "/api/v1/cap"
_REVISION = """
INSERT INTO revision (area_id, drill, revision, alert_id, transition, hazard, severity, public, at, why, snapshot)
VALUES ($1, $2, $3, $4, 'raised', 'flood', 'severe', true, $5, '{}', '{}')
"""
_MESSAGE = """
INSERT INTO cap_message (area_id, drill, revision, alert_id, identifier, message_type, sent, expires, xml)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


class Warned:
    """An area of the database that warnings are sent for."""

    def __init__(self, connection: asyncpg.Connection, area_id: int, code: str) -> None:
        self.connection = connection
        self.area_id = area_id
        self.code = code
        self.revision = 0
        self.alert_id = uuid4()

    async def tell(
        self, transition: Transition = Transition.RAISED, *, at: datetime | None = None, drill: bool = False
    ) -> CapMessage:
        """Store the message of the next revision; a minute later than the one before unless said."""
        self.revision += 1
        alert_id = UUID(int=self.alert_id.int ^ drill)
        sent = at or START + timedelta(minutes=self.revision)
        facts = msgspec.structs.replace(AREA, id=self.area_id, code=self.code)
        of = change(transition)
        of = msgspec.structs.replace(of, alert=msgspec.structs.replace(of.alert, id=alert_id))
        earlier = await earlier_messages(self.connection, alert_id)
        told = cap_message(facts, of, Voice(), revision=self.revision, drill=drill, sent=sent, earlier=earlier)
        assert told is not None
        await self._keep(told, alert_id, drill=drill)
        return told

    async def _keep(self, told: CapMessage, alert_id: UUID, *, drill: bool) -> None:
        await self.connection.execute(
            "INSERT INTO alert (id, area_id, hazard, drill, active, severity, body, raised_at, changed_at) "
            "VALUES ($1, $2, 'flood', $3, true, 'severe', '{}', $4, $4) ON CONFLICT DO NOTHING",
            alert_id,
            self.area_id,
            drill,
            told.sent,
        )
        await self.connection.execute(_REVISION, self.area_id, drill, self.revision, alert_id, told.sent)
        await self.connection.execute(
            _MESSAGE,
            self.area_id,
            drill,
            self.revision,
            alert_id,
            *msgspec.structs.astuple(told),
        )


async def warn(world: World, code: str = "calder") -> Warned:
    """A new area."""
    area_id = await world.connection.fetchval(
        "INSERT INTO area (code, official_code, names, polygon) VALUES ($1::text, $1::text, '{}', "
        "ST_GeomFromText('MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))', 4326)) RETURNING id",
        code,
    )
    return Warned(world.connection, area_id, code)


def entries(answer: httpx.Response) -> list[str]:
    """The identifiers in a feed, in its order."""
    assert answer.status_code == 200, answer.text
    links = etree.fromstring(answer.content).xpath("//atom:entry/atom:link/@href", namespaces=ATOM)
    return [str(link).rsplit("/", 1)[1] for link in links]


async def test_a_feed_lists_messages_the_newest_first_and_each_leads_to_itself(
    world: World, client: httpx.AsyncClient
) -> None:
    area = await warn(world)
    told = [await area.tell(), await area.tell(Transition.ESCALATED), await area.tell(Transition.CLEARED)]
    answer = await client.get(FEED)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert entries(answer) == [one.identifier for one in reversed(told)]
    for one in told:
        message = await client.get(f"{FEED}/{one.identifier}")
        assert message.headers["content-type"].startswith("application/cap+xml")
        assert message.content == one.xml.encode()
    assert read_cap(told[-1].xml.encode()).message_type == "Cancel"


async def test_a_feed_has_what_rfc_4287_asks_of_it(world: World, client: httpx.AsyncClient) -> None:
    area = await warn(world)
    await area.tell()
    for answer in (await client.get(FEED), await client.get(FEED, params={"drill": True})):
        feed = etree.fromstring(answer.content)
        for path in ("id", "title", "updated", "author/atom:name", "link[@rel='self']"):
            assert len(feed.xpath(f"atom:{path}", namespaces=ATOM)) == 1
        for entry in feed.xpath("atom:entry", namespaces=ATOM):
            for path in ("id", "title", "updated", "author/atom:name", "summary", "link[@rel='alternate']"):
                assert len(entry.xpath(f"atom:{path}", namespaces=ATOM)) == 1


async def test_pages_hold_every_message_once_though_others_come_meanwhile(
    world: World, client: httpx.AsyncClient
) -> None:
    area = await warn(world)
    told = [(await area.tell(at=START + timedelta(minutes=n // 3))).identifier for n in range(10)]
    seen: list[str] = []
    answer = await client.get(FEED, params={"limit": 4})
    while True:
        seen += entries(answer)
        following = etree.fromstring(answer.content).xpath("atom:link[@rel='next']/@href", namespaces=ATOM)
        if not following:
            break
        await area.tell(at=START + timedelta(hours=1))
        answer = await client.get(str(following[0]))
    assert sorted(seen) == sorted(told)
    assert len(seen) == 10


async def test_exercises_are_listed_apart_and_never_with_what_is_real(world: World, client: httpx.AsyncClient) -> None:
    area = await warn(world)
    real, exercise = await area.tell(), await area.tell(drill=True)
    assert entries(await client.get(FEED)) == [real.identifier]
    drills = await client.get(FEED, params={"drill": "true"})
    assert entries(drills) == [exercise.identifier]
    titles = etree.fromstring(drills.content).xpath("//atom:title/text()", namespaces=ATOM)
    assert all(str(title).startswith("EXERCISE") for title in titles)


async def test_an_area_has_its_own_feed_and_an_unknown_one_none(world: World, client: httpx.AsyncClient) -> None:
    one, other = await warn(world, "calder"), await warn(world, "avon")
    await one.tell()
    told = await other.tell()
    assert entries(await client.get(FEED, params={"area": "avon"})) == [told.identifier]
    for unknown in ("nowhere", "A\x00"):
        assert (await client.get(FEED, params={"area": unknown})).status_code == 404


async def test_who_has_it_already_is_told_so_until_something_new_is_sent(
    world: World, client: httpx.AsyncClient
) -> None:
    area = await warn(world)
    told = await area.tell()
    for path in (FEED, f"{FEED}/{told.identifier}"):
        first = await client.get(path)
        for header, value in (
            ("If-None-Match", first.headers["etag"]),
            ("If-None-Match", f'"other", W/{first.headers["etag"]}'),
            ("If-Modified-Since", first.headers["last-modified"]),
        ):
            again = await client.get(path, headers={header: value})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
        assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    feed = await client.get(FEED)
    await area.tell(Transition.CLEARED)
    for header, value in (
        ("If-None-Match", feed.headers["etag"]),
        ("If-Modified-Since", feed.headers["last-modified"]),
    ):
        assert (await client.get(FEED, headers={header: value})).status_code == 200


async def test_a_feed_that_may_still_grow_within_the_second_shows_no_time_to_ask_by(
    world: World, client: httpx.AsyncClient
) -> None:
    area = await warn(world)
    await area.tell(at=datetime.now(UTC))
    answer = await client.get(FEED)
    assert "last-modified" not in answer.headers
    assert "etag" in answer.headers


@pytest.mark.parametrize("identifier", ["none", "A", "%00", "a" * 300])
async def test_what_was_never_sent_is_not_found(client: httpx.AsyncClient, identifier: str) -> None:
    answer = await client.get(f"{FEED}/{identifier}")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("not-found")


async def test_a_cursor_of_one_question_is_none_of_another(world: World, client: httpx.AsyncClient) -> None:
    area = await warn(world)
    await area.tell()
    await area.tell(Transition.CLEARED)
    link = (await client.get(FEED, params={"limit": 1})).links["next"]["url"]
    assert (await client.get(link)).status_code == 200
    assert (await client.get(f"{link}&drill=true")).status_code == 400


async def test_a_later_message_names_the_sender_that_the_earlier_one_had(world: World) -> None:
    area = await warn(world)
    told = await area.tell()
    (found,) = await earlier_messages(world.connection, area.alert_id)
    assert found == EarlierMessage(told.identifier, Voice().sender, told.sent, told.expires, "Alert")
