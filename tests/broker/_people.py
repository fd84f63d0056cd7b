"""Everybody who may come to the broker, and what it says to them."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from hydroalert.access.control import connect_control
from hydroalert.access.sync import put
from hydroalert.domain.registry import BrokerAccount
from hydroalert.embedded.mosquitto import Broker

ALL = ("anonymous", "device", "other", "bridge", "alerting", "admin")
DEVICE, OTHER = "river-1", "river-2"
DEVICE_PASSWORD, OTHER_PASSWORD = "one", "two"
OBSERVER_PASSWORD = "sees everything; exists in tests only"
HOUR_S = 3600

_EVERYTHING = ("publishClientSend", "publishClientReceive", "subscribePattern")


def credentials(broker: Broker, who: str) -> tuple[str | None, str | None]:
    """User and password of one of `ALL`, or of the observer."""
    return {
        "anonymous": (None, None),
        "device": (DEVICE, DEVICE_PASSWORD),
        "other": (OTHER, OTHER_PASSWORD),
        "bridge": ("_bridge", broker.bridge_password),
        "alerting": ("_alerting", broker.alerting_password),
        "admin": ("_admin", broker.admin_password),
        "observer": ("_observer", OBSERVER_PASSWORD),
    }[who]


def client(
    broker: Broker,
    who: str,
    *,
    identifier: str | None = None,
    persistent: bool = False,
    will: aiomqtt.Will | None = None,
) -> aiomqtt.Client:
    """A client of that user; a persistent one resumes its session and leaves it for an hour."""
    user, password = credentials(broker, who)
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = HOUR_S if persistent else 0
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=user,
        password=password,
        identifier=identifier or f"{who}-{secrets.token_hex(8)}",
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=not persistent,
        properties=properties,
        will=will,
        timeout=10,
    )


async def introduce(broker: Broker) -> None:
    """Make the two devices and the observer known."""
    async with connect_control(broker.url, broker.admin_password) as control:
        await put(
            control,
            [BrokerAccount(DEVICE, DEVICE_PASSWORD, enabled=True), BrokerAccount(OTHER, OTHER_PASSWORD, enabled=True)],
        )
        acls = [
            {"acltype": kind, "topic": topic, "priority": 0, "allow": True}
            for kind in _EVERYTHING
            for topic in ("#", "$SYS/#", "$share/#")
        ]
        await control.ask([{"command": "createRole", "rolename": "_observer", "acls": acls}])
        observer = {"username": "_observer", "password": OBSERVER_PASSWORD, "roles": [{"rolename": "_observer"}]}
        await control.ask([{"command": "createClient", **observer}])


async def may_subscribe(broker: Broker, who: str, topic: str) -> bool:
    """Whether the SUBACK grants it."""
    async with client(broker, who) as asking:
        return await granted(asking, topic)


async def granted(asking: aiomqtt.Client, topic: str) -> bool:
    """Whether the SUBACK grants a subscription: below 128 is a granted QoS (MQTT 5, section 3.9.3)."""
    (code,) = await asking.subscribe(topic, qos=1)
    return code.value < 128 if hasattr(code, "value") else int(code) < 128


@asynccontextmanager
async def observing(broker: Broker, *topics: str) -> AsyncIterator["Observer"]:
    """Somebody who sees every message on these topics; retained ones of before are left out."""
    async with client(broker, "observer") as seeing:
        options = SubscribeOptions(qos=1, retainHandling=2)
        for topic in topics or ("#",):
            await seeing.subscribe(topic, options=options)
        yield Observer(seeing)


class Observer:
    """Tells what was published since it last looked."""

    def __init__(self, seeing: aiomqtt.Client) -> None:
        self._seeing = seeing

    async def seen(self) -> list[tuple[str, bytes]]:
        """Topics and payloads that reached the broker before now: a message of our own marks the end."""
        mark = secrets.token_bytes(16)
        await self._seeing.subscribe("tests/mark", qos=1)
        await self._seeing.publish("tests/mark", mark, qos=1)
        found: list[tuple[str, bytes]] = []
        async with asyncio.timeout(10):
            async for message in self._seeing.messages:
                payload = bytes(message.payload)
                if payload == mark:
                    return found
                found.append((str(message.topic), payload))
        raise AssertionError("the broker closed the observer's connection")


async def may_publish(broker: Broker, who: str, topic: str, *, retain: bool = False) -> bool:
    """Whether a message reaches those who read, whatever the acknowledgement says."""
    payload = secrets.token_bytes(16)
    async with observing(broker, "#", "$SYS/#") as observer:
        with contextlib.suppress(aiomqtt.MqttError):
            async with client(broker, who) as sending:
                await sending.publish(topic, payload, qos=1, retain=retain)
        return (topic, payload) in await observer.seen()
