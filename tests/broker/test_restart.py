"""What the broker knows outlives it, however it ends."""

import secrets
import signal
from pathlib import Path

import aiomqtt
import pytest

from hydroalert.access.accounts import Passwords
from hydroalert.access.control import connect_control
from hydroalert.access.sync import put
from hydroalert.domain.registry import BrokerAccount
from hydroalert.embedded import ports
from hydroalert.embedded.mosquitto import Broker, broker_below, running_broker
from tests._services import open_directory
from tests.broker._people import client, granted

GAUGE = BrokerAccount("river-1", "one", enabled=True)
ALERT = "hydroalert/v1/alerts/matara"


def _broker(directory: Path) -> Broker:
    return broker_below(
        directory,
        port=ports.any_free(),
        passwords=Passwords.draw(secrets.token_bytes),
        log_path=directory / "mosquitto.log",
    )


@pytest.mark.parametrize("kill", [signal.SIGTERM, signal.SIGKILL])
async def test_accounts_outlive_the_broker(kill: signal.Signals) -> None:
    with open_directory("restart") as directory:
        broker = _broker(directory)
        async with running_broker(broker) as child:
            async with connect_control(broker.url, broker.admin_password) as control:
                await put(control, [GAUGE])
            child.signal(kill)
            await child.wait()
        async with running_broker(broker), client(broker, "device") as device:
            assert await granted(device, "hydroalert/v1/devices/river-1/receipts")


async def test_a_session_and_what_is_queued_in_it_outlive_an_ordinary_end() -> None:
    with open_directory("restart") as directory:
        broker = _broker(directory)
        lane = "$share/lanes/hydroalert/v1/devices/+/frames"
        async with running_broker(broker):
            async with connect_control(broker.url, broker.admin_password) as control:
                await put(control, [GAUGE])
            async with client(broker, "bridge", identifier="lane", persistent=True) as bridge:
                assert await granted(bridge, lane)
            async with client(broker, "device") as device:
                await device.publish("hydroalert/v1/devices/river-1/frames", b"level", qos=1)
        async with running_broker(broker), client(broker, "bridge", identifier="lane", persistent=True) as bridge:
            message = await anext(aiter(bridge.messages))
    assert message.payload == b"level"


async def test_no_wrong_password_is_let_in_after_a_restart() -> None:
    with open_directory("restart") as directory:
        broker = _broker(directory)
        for _ in range(2):
            async with running_broker(broker):
                with pytest.raises(aiomqtt.MqttError):
                    async with aiomqtt.Client(broker.host, broker.port, username="_bridge", password="wrong"):
                        pass
