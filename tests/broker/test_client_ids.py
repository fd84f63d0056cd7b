"""A client id is a secret: whoever comes with another's takes the session over, and must gain nothing by it."""

import secrets

import pytest

from hydroalert.embedded.mosquitto import Broker
from tests.broker._people import Observer, client, granted, observing

RECEIPTS = "hydroalert/v1/devices/river-1/receipts"
FRAMES = "hydroalert/v1/devices/river-1/frames"
LANE = "$share/lanes/hydroalert/v1/devices/+/frames"


async def _leave_session(broker: Broker, who: str, topic: str) -> str:
    """A session of that user that subscribed and went away; returns its client id."""
    identifier = f"id-{secrets.token_hex(8)}"
    async with client(broker, who, identifier=identifier, persistent=True) as owner:
        assert await granted(owner, topic)
    return identifier


async def _what_arrives(broker: Broker, thief: str, identifier: str, *, publisher: str, topic: str) -> list[bytes]:
    """What a thief is sent who resumes a session, of what was queued before and of what comes after."""
    async with client(broker, publisher) as writing:
        await writing.publish(topic, b"queued", qos=1)
    async with client(broker, thief, identifier=identifier, persistent=True) as stolen:
        async with client(broker, publisher) as writing:
            await writing.publish(topic, b"fresh", qos=1)
        found = await _until_answered(stolen)
    await _forget(broker, thief, identifier)
    return found


async def _until_answered(stolen: object) -> list[bytes]:
    """Everything delivered before the broker answered a subscription, which it does after what is due."""
    found: list[bytes] = []
    await granted(stolen, "hydroalert/v1/time")  # type: ignore[arg-type]
    queue = stolen.messages  # type: ignore[attr-defined]
    while len(queue):
        found.append(bytes((await anext(aiter(queue))).payload))
    return found


async def _forget(broker: Broker, who: str, identifier: str) -> None:
    async with client(broker, who, identifier=identifier):
        pass


@pytest.mark.parametrize("thief", ["anonymous", "other", "bridge", "admin"])
async def test_a_devices_session_gives_its_receipts_to_nobody_else(broker: Broker, thief: str) -> None:
    identifier = await _leave_session(broker, "device", RECEIPTS)
    assert await _what_arrives(broker, thief, identifier, publisher="bridge", topic=RECEIPTS) == []


@pytest.mark.parametrize("thief", ["anonymous", "device", "other", "admin"])
async def test_a_lanes_session_gives_its_frames_to_nobody_else(broker: Broker, thief: str) -> None:
    identifier = await _leave_session(broker, "bridge", LANE)
    assert await _what_arrives(broker, thief, identifier, publisher="device", topic=FRAMES) == []


@pytest.mark.parametrize(
    ("owner", "subscription", "publisher", "topic"),
    [("device", RECEIPTS, "bridge", RECEIPTS), ("bridge", LANE, "device", FRAMES)],
)
async def test_a_session_gives_its_owner_what_was_queued_and_what_is_fresh(
    broker: Broker, owner: str, subscription: str, publisher: str, topic: str
) -> None:
    identifier = await _leave_session(broker, owner, subscription)
    assert await _what_arrives(broker, owner, identifier, publisher=publisher, topic=topic) == [b"queued", b"fresh"]


@pytest.mark.parametrize("owner", ["bridge", "admin", "device", "other"])
@pytest.mark.parametrize("thief", ["anonymous", "device", "other"])
async def test_a_client_id_lends_no_permission(broker: Broker, thief: str, owner: str) -> None:
    if thief == owner:
        pytest.skip("this client id is theirs")
    identifier = await _leave_session(broker, owner, _OWN[owner])
    async with client(broker, thief, identifier=identifier, persistent=True) as stolen:
        assert not await granted(stolen, _OWN[owner])
        async with observing(broker) as observer:
            await stolen.publish(_WRITES[owner], b"forged", qos=1)
            assert await _forged(observer) == []
    await _forget(broker, thief, identifier)


_OWN = {
    "bridge": LANE,
    "admin": "$CONTROL/dynamic-security/v1/response",
    "device": RECEIPTS,
    "other": "hydroalert/v1/devices/river-2/receipts",
}
_WRITES = {
    "bridge": RECEIPTS,
    "admin": "$CONTROL/dynamic-security/v1",
    "device": FRAMES,
    "other": "hydroalert/v1/devices/river-2/frames",
}


async def _forged(observer: Observer) -> list[tuple[str, bytes]]:
    return [seen for seen in await observer.seen() if seen[1] == b"forged"]


@pytest.mark.parametrize("user", ["_bridge", "_alerting", "_admin", "river-1"])
@pytest.mark.parametrize("password", [None, "", "wrong"])
async def test_a_user_name_without_its_password_is_turned_away(broker: Broker, user: str, password: str | None) -> None:
    import aiomqtt  # noqa: PLC0415

    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client(broker.host, broker.port, username=user, password=password):
            pass
