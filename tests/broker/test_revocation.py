"""Accounts change while the broker runs: who is shut out is out at once, and what is in step is left alone."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import aiomqtt
import pytest

from hydroalert.access.control import Control, ControlFailed, connect_control
from hydroalert.access.sync import SyncResult, put, remove, sync_all
from hydroalert.domain.registry import BrokerAccount
from hydroalert.embedded.mosquitto import Broker
from tests._services import run, running_mosquitto
from tests.broker._people import client, introduce, observing

GAUGE = BrokerAccount("gauge", "a password", enabled=True)
REVOKED = BrokerAccount("gauge", "a password", enabled=False)
CHANGED = BrokerAccount("gauge", "another", enabled=True)
RECEIPTS = "hydroalert/v1/devices/gauge/receipts"
STATUS = "hydroalert/v1/devices/gauge/status"


@pytest.fixture(scope="module")
def own_broker() -> object:
    """A broker whose accounts these tests rebuild."""
    with running_mosquitto() as running:
        run(introduce(running))
        yield running


@pytest.fixture
async def control(own_broker: Broker) -> AsyncIterator[Control]:
    """The administrator's connection, and the device `gauge` as it is wanted."""
    async with connect_control(own_broker.url, own_broker.admin_password) as connected:
        await put(connected, [GAUGE])
        yield connected


def _gauge(broker: Broker, password: str = GAUGE.password, will: aiomqtt.Will | None = None) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username="gauge",
        password=password,
        identifier=f"gauge-{secrets.token_hex(8)}",
        will=will,
        protocol=aiomqtt.ProtocolVersion.V5,
    )


async def _wait_for_the_end(device: aiomqtt.Client) -> None:
    async with asyncio.timeout(10):
        async for _ in device.messages:
            pass


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda control: put(control, [REVOKED]), id="revoked"),
        pytest.param(lambda control: put(control, [CHANGED]), id="new password"),
        pytest.param(lambda control: remove(control, ["gauge"]), id="deleted"),
        pytest.param(lambda control: sync_all(control, []), id="not in the database"),
    ],
)
async def test_a_device_that_is_shut_out_is_out_at_once_and_stays_out(
    own_broker: Broker, control: Control, change: object
) -> None:
    async with _gauge(own_broker) as device:
        await device.subscribe(RECEIPTS, qos=1)
        await change(control)  # type: ignore[operator]
        with pytest.raises(aiomqtt.MqttError):
            await _wait_for_the_end(device)
        with pytest.raises(aiomqtt.MqttError):
            async with _gauge(own_broker):
                pass


async def test_a_device_that_is_revoked_leaves_no_will(own_broker: Broker, control: Control) -> None:
    async with (
        observing(own_broker) as observer,
        _gauge(own_broker, will=aiomqtt.Will(STATUS, b"offline", 1)) as device,
    ):
        await put(control, [REVOKED])
        with pytest.raises(aiomqtt.MqttError):
            await _wait_for_the_end(device)
        assert await observer.seen() == []


async def test_a_device_that_is_enabled_again_is_let_in(own_broker: Broker, control: Control) -> None:
    await put(control, [REVOKED])
    await put(control, [GAUGE])
    async with _gauge(own_broker) as device:
        await device.publish(STATUS, b"online", qos=1)


async def test_a_whole_synchronisation_throws_nobody_out_who_is_in_step(own_broker: Broker, control: Control) -> None:
    async with _gauge(own_broker) as device:
        await device.subscribe(RECEIPTS, qos=1)
        result = await sync_all(control, [GAUGE])
        await device.publish(STATUS, b"still here", qos=1)
    assert (result.created, result.changed, result.unchanged) == (0, 0, 1)


async def test_a_synchronisation_makes_what_lacks_and_removes_what_should_not_be(
    own_broker: Broker, control: Control
) -> None:
    await sync_all(control, [GAUGE])
    new = BrokerAccount("newcomer", "x", enabled=True)
    revoked = BrokerAccount("outcast", "y", enabled=False)
    told: list[tuple[int, int]] = []
    result = await sync_all(control, [new, revoked], lambda done, total: told.append((done, total)))
    assert result == SyncResult(created=2, changed=0, deleted=1, unchanged=0)
    assert told[-1] == (3, 3)
    assert await sync_all(control, [new, revoked]) == SyncResult(0, 0, 0, 2)


async def test_a_rule_that_somebody_added_by_hand_is_taken_back(own_broker: Broker, control: Control) -> None:
    everything = {"acltype": "subscribePattern", "topic": "#", "priority": 0, "allow": True}
    for role in ("public", "device-gauge"):
        await control.execute([{"command": "addRoleACL", "rolename": role, **everything}])
    await sync_all(control, [GAUGE])
    async with _gauge(own_broker) as device:
        (code,) = await device.subscribe("#")
    assert code.value >= 128


async def test_a_user_of_the_platforms_own_that_an_earlier_broker_lacks_is_made(
    own_broker: Broker, control: Control
) -> None:
    await control.execute([{"command": "deleteClient", "username": "_alerting"}])
    users = own_broker.passwords.kept_in_step()
    await sync_all(control, [GAUGE], users=users)
    async with client(own_broker, "alerting") as alerting, client(own_broker, "bridge") as bridge:
        await alerting.publish("hydroalert/v1/alerts/galle", b"calm", qos=1)
        await sync_all(control, [GAUGE], users=users)  # who is in step is not thrown out
        await bridge.publish("hydroalert/v1/time", b"{}", qos=1)
        await alerting.publish("hydroalert/v1/alerts/galle", b"calm", qos=1)


async def test_only_the_administrators_password_opens_the_control_topic(own_broker: Broker) -> None:
    with pytest.raises(ControlFailed, match="does not let the administrator in"):
        async with connect_control(own_broker.url, "wrong"):
            pass


async def test_a_command_that_the_plugin_refuses_is_a_fault_that_names_it(control: Control) -> None:
    with pytest.raises(ControlFailed, match="deleteClient nobody: Client not found"):
        await control.execute([{"command": "deleteClient", "username": "nobody"}])


async def test_more_commands_than_a_batch_are_all_answered(control: Control) -> None:
    answers = await control.ask([{"command": "getClient", "username": f"nobody-{n}"} for n in range(250)])
    assert [answer.error for answer in answers] == ["Client not found"] * 250
