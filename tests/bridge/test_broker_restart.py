"""A broker that ends and begins again: the bridge finds it, and what it had kept is stored."""

import secrets
import signal
from pathlib import Path

import pytest

from hydroalert.access.accounts import Passwords
from hydroalert.access.changes import rebuild
from hydroalert.embedded import ports
from hydroalert.embedded.mosquitto import Broker, broker_below, running_broker
from hydroalert.store import open_pool
from hydroalert.store.sealing import Sealer
from tests._services import open_directory
from tests.bridge.river import MASTER_KEY, River


def a_broker(directory: Path) -> Broker:
    """One that this test may end."""
    return broker_below(
        directory,
        port=ports.any_free(),
        passwords=Passwords.draw(secrets.token_bytes),
        log_path=directory / "mosquitto.log",
    )


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
async def test_the_bridge_goes_on_with_a_broker_that_came_back(database_url: str, end: signal.Signals) -> None:
    with open_directory("river") as directory:
        broker, pool = a_broker(directory), await open_pool(database_url, size=4)
        river = River(database_url, pool, broker)
        async with running_broker(broker) as child:
            device = await river.add_device()
            running = river.bridge()
            await running.__aenter__()
            async with device.client() as client:
                await device.send(client, 10)
            await river.until_stored(device, 10)
            child.signal(end)
            await child.wait()
        async with running_broker(broker):
            await rebuild(pool, Sealer(MASTER_KEY), broker.url, broker.passwords)
            await river._lane_open()
            async with device.client() as client:
                await device.send(client, 10)
            await river.until_stored(device, 20)
            await running.__aexit__(None, None, None)
        pool.terminate()
