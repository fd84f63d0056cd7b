"""Who may do what on the broker, row by row: allowed and denied, for everybody who can connect."""

from dataclasses import dataclass

import pytest

from hydroalert.access.control import connect_control
from hydroalert.embedded.mosquitto import Broker
from tests.broker._hostile import die_with_will
from tests.broker._people import ALL, may_publish, may_subscribe, observing
from tests.broker._people import client as connect

V1 = "hydroalert/v1"
OWN, OTHERS = f"{V1}/devices/river-1", f"{V1}/devices/river-2"
EVERYONE = {"anonymous", "device", "other"}
NOBODY: set[str] = set()


@dataclass(frozen=True)
class Row:
    """A topic (or filter), who may subscribe to it, and who may publish to it."""

    topic: str
    readers: set[str]
    writers: set[str]

    def __str__(self) -> str:
        return self.topic


TOPICS = (
    #    topic                                            readers      writers
    Row(f"{OWN}/frames",                                  NOBODY,     {"device"}),
    Row(f"{OWN}/status",                                  NOBODY,     {"device"}),
    Row(f"{OWN}/receipts",                                {"device"}, {"bridge"}),
    Row(f"{OWN}/commands",                                {"device"}, {"bridge"}),
    Row(f"{OTHERS}/frames",                               NOBODY,     {"other"}),
    Row(f"{OTHERS}/status",                               NOBODY,     {"other"}),
    Row(f"{OTHERS}/receipts",                             {"other"},  {"bridge"}),
    Row(f"{OTHERS}/commands",                             {"other"},  {"bridge"}),
    Row(f"{OWN}/frames/more",                             NOBODY,     NOBODY),
    Row(f"{OWN}",                                         NOBODY,     NOBODY),
    Row(f"{V1}/devices/nobody/frames",                    NOBODY,     NOBODY),
    Row(f"{V1}/time",                                     EVERYONE,   {"bridge"}),
    Row(f"{V1}/stations/kelani/latest",                   EVERYONE,   {"bridge"}),
    Row(f"{V1}/stations/kelani",                          EVERYONE,   NOBODY),
    Row(f"{V1}/alerts/colombo",                           EVERYONE,   {"alerting"}),
    Row(f"{V1}/alerts/colombo/flood/cap",                 EVERYONE,   {"alerting"}),
    Row(f"{V1}/alerts/colombo/signed",                    EVERYONE,   NOBODY),
    Row(f"{V1}/drill/alerts/colombo",                     EVERYONE,   {"alerting"}),
    Row(f"{V1}/drill/alerts/colombo/flood/cap",           EVERYONE,   {"alerting"}),
    Row(f"{V1}/drill/other",                              NOBODY,     NOBODY),
    Row("hydroalert/v2/alerts/colombo",                   NOBODY,     NOBODY),
    Row("elsewhere",                                      NOBODY,     NOBODY),
    Row("$SYS/broker/version",                            {"bridge"}, NOBODY),
)  # fmt: skip

FILTERS = (
    #    filter                                           readers
    Row(f"{V1}/alerts/#",                                 EVERYONE,   NOBODY),
    Row(f"{V1}/alerts/+/flood/cap",                       EVERYONE,   NOBODY),
    Row(f"{V1}/drill/alerts/#",                           EVERYONE,   NOBODY),
    Row(f"{V1}/stations/+/latest",                        EVERYONE,   NOBODY),
    Row("#",                                              NOBODY,     NOBODY),
    Row("+/#",                                            NOBODY,     NOBODY),
    Row("+/+/#",                                          NOBODY,     NOBODY),
    Row("hydroalert/#",                                   NOBODY,     NOBODY),
    Row(f"{V1}/#",                                        NOBODY,     NOBODY),
    Row(f"{V1}/+",                                        NOBODY,     NOBODY),
    Row(f"{V1}/+/colombo",                                NOBODY,     NOBODY),
    Row("+/v1/alerts/#",                                  NOBODY,     NOBODY),
    Row(f"{V1}/drill/#",                                  NOBODY,     NOBODY),
    Row(f"{V1}/devices/#",                                NOBODY,     NOBODY),
    Row(f"{V1}/devices/+/frames",                         NOBODY,     NOBODY),
    Row(f"{V1}/devices/+/status",                         NOBODY,     NOBODY),
    Row(f"{V1}/devices/+/receipts",                       NOBODY,     NOBODY),
    Row(f"{V1}/devices/+/commands",                       NOBODY,     NOBODY),
    Row(f"{OWN}/#",                                       NOBODY,     NOBODY),
    Row(f"{OWN}/+",                                       NOBODY,     NOBODY),
    Row(f"$share/g/{V1}/devices/+/frames",                {"bridge"}, NOBODY),
    Row(f"$share/g/{V1}/devices/+/status",                {"bridge"}, NOBODY),
    Row(f"$share/g/{V1}/devices/+/receipts",              NOBODY,     NOBODY),
    Row(f"$share/g/{V1}/devices/#",                       NOBODY,     NOBODY),
    Row(f"$share/g/{OWN}/receipts",                       NOBODY,     NOBODY),
    Row(f"$share/g/{V1}/alerts/#",                        NOBODY,     NOBODY),
    Row("$share/g/#",                                     NOBODY,     NOBODY),
    Row("$SYS/#",                                         {"bridge"}, NOBODY),
    Row("$SYS/broker/publish/messages/dropped",           {"bridge"}, NOBODY),
    Row("$CONTROL/#",                                     NOBODY,     NOBODY),
    Row("$CONTROL/dynamic-security/v1/response",          {"admin"},  NOBODY),
    Row("$CONTROL/dynamic-security/#",                    {"admin"},  NOBODY),
)  # fmt: skip


@pytest.mark.parametrize("who", ALL)
@pytest.mark.parametrize("row", [*TOPICS, *FILTERS], ids=str)
async def test_a_subscription_is_granted_to_those_in_the_table_and_refused_to_all_others(
    broker: Broker, row: Row, who: str
) -> None:
    assert await may_subscribe(broker, who, row.topic) is (who in row.readers)


@pytest.mark.parametrize("who", ALL)
@pytest.mark.parametrize("row", TOPICS, ids=str)
async def test_a_message_reaches_anyone_only_from_those_in_the_table(broker: Broker, row: Row, who: str) -> None:
    assert await may_publish(broker, who, row.topic) is (who in row.writers)


@pytest.mark.parametrize("who", sorted(EVERYONE))
@pytest.mark.parametrize("row", [row for row in TOPICS if row.readers >= EVERYONE], ids=str)
async def test_what_everyone_may_read_arrives(broker: Broker, row: Row, who: str) -> None:
    async with connect(broker, who) as reading, connect(broker, "observer") as writing:
        await reading.subscribe(row.topic, qos=1)
        await writing.publish(row.topic, b"read me", qos=1)
        message = await anext(aiter(reading.messages))
    assert message.payload == b"read me"


@pytest.mark.parametrize("channel", ["receipts", "commands"])
async def test_what_the_bridge_says_to_a_device_arrives(broker: Broker, channel: str) -> None:
    async with connect(broker, "device") as device, connect(broker, "bridge") as bridge:
        await device.subscribe(f"{OWN}/{channel}", qos=1)
        await bridge.publish(f"{OWN}/{channel}", b"for you", qos=1)
        message = await anext(aiter(device.messages))
    assert message.payload == b"for you"


@pytest.mark.parametrize("channel", ["frames", "status"])
async def test_what_a_device_says_reaches_the_bridge(broker: Broker, channel: str) -> None:
    async with connect(broker, "bridge") as bridge, connect(broker, "device") as device:
        await bridge.subscribe(f"$share/any/{V1}/devices/+/{channel}", qos=1)
        await device.publish(f"{OWN}/{channel}", b"level", qos=1)
        message = await anext(aiter(bridge.messages))
    assert (str(message.topic), message.payload) == (f"{OWN}/{channel}", b"level")


@pytest.mark.parametrize("who", sorted({*ALL} - {"admin"}))
async def test_only_the_administrator_commands_the_plugin(broker: Broker, who: str) -> None:
    command = b'{"commands":[{"command":"createClient","username":"intruder","password":"x"}]}'
    async with connect(broker, who) as client:
        await client.publish("$CONTROL/dynamic-security/v1", command, qos=1)
    assert not await _exists(broker, "intruder")


async def test_a_retained_alert_cannot_be_cleared_by_a_stranger(broker: Broker) -> None:
    topic = f"{V1}/alerts/galle"
    async with connect(broker, "observer") as platform:
        await platform.publish(topic, b"active", qos=1, retain=True)
    for who in sorted(EVERYONE):
        assert not await may_publish(broker, who, topic, retain=True)
    async with connect(broker, "anonymous") as reading:
        await reading.subscribe(topic, qos=1)
        assert (await anext(aiter(reading.messages))).payload == b"active"


@pytest.mark.parametrize(
    ("who", "topic", "is_published"),
    [
        ("anonymous", f"{OTHERS}/status", False),
        ("anonymous", f"{V1}/alerts/galle", False),
        ("device", f"{OTHERS}/status", False),
        ("device", f"{OWN}/status", True),
    ],
)
async def test_a_will_is_published_only_where_its_owner_may_publish(
    broker: Broker, who: str, topic: str, is_published: bool
) -> None:
    async with observing(broker) as observer:
        await die_with_will(broker, who, topic)
        assert bool(await observer.seen()) is is_published


async def _exists(broker: Broker, username: str) -> bool:
    async with connect_control(broker.url, broker.admin_password) as control:
        (answer,) = await control.ask([{"command": "getClient", "username": username}])
    return answer.error is None
