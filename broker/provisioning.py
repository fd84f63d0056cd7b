"""Measures how long a private broker takes to learn of a fleet, and how long others wait meanwhile.

Run it from the root of the repository:  .venv/bin/python broker/provisioning.py --devices 1000
"""

import argparse
import asyncio
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiomqtt

from hydroalert.access.accounts import Passwords
from hydroalert.access.control import connect_control
from hydroalert.access.sync import sync_all
from hydroalert.domain.registry import BrokerAccount
from hydroalert.embedded import ports
from hydroalert.embedded.mosquitto import Broker, broker_below, running_broker


async def measure(broker: Broker, devices: int) -> None:
    """Provision a fleet, look again, revoke one; print what each took."""
    fleet = [BrokerAccount(f"device-{n:06d}", secrets.token_urlsafe(24), enabled=True) for n in range(devices)]
    async with connect_control(broker.url, broker.admin_password) as control, asyncio.TaskGroup() as tasks:
        waits_s: list[float] = []
        done = asyncio.Event()
        tasks.create_task(_wait_for_answers(broker, waits_s, done))
        started = time.perf_counter()
        await sync_all(control, fleet, _progress)
        _say(f"{devices} devices provisioned", started)
        done.set()
        started = time.perf_counter()
        await sync_all(control, fleet)
        _say("looked at again, nothing to do", started)
        started = time.perf_counter()
        await sync_all(control, fleet[:-1])
        _say("one removed", started)
    p50, p99 = statistics.quantiles(waits_s, n=100)[49::49]
    print(f"meanwhile another client's acknowledgement took p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.0f} ms")
    print(f"dynamic-security.json: {(broker.directory / 'dynamic-security.json').stat().st_size:,} bytes")


async def _wait_for_answers(broker: Broker, waits_s: list[float], done: asyncio.Event) -> None:
    """Publish again and again as the bridge, noting how long each acknowledgement takes.

    Ended by an event: Python 3.11's `wait_for`, which aiomqtt uses, can lose a cancellation.
    """
    password = broker.bridge_password
    async with aiomqtt.Client(broker.host, broker.port, username="_bridge", password=password) as client:
        while not done.is_set():
            started = time.perf_counter()
            await client.publish("hydroalert/v1/time", b"{}", qos=1)
            waits_s.append(time.perf_counter() - started)
            await asyncio.sleep(0.01)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total}", end="" if done < total else "\r", file=sys.stderr, flush=True)


def _say(what: str, started: float) -> None:
    print(f"{what}: {time.perf_counter() - started:.2f} s")


def main() -> None:
    """Run the measurement on a broker of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=1000, help="default: %(default)s")
    devices = parser.parse_args().devices
    with tempfile.TemporaryDirectory(prefix="hydroalert-provisioning-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        broker = broker_below(
            directory,
            port=ports.any_free(),
            passwords=Passwords.draw(secrets.token_bytes),
            log_path=directory / "mosquitto.log",
        )
        asyncio.run(run(broker, devices))


async def run(broker: Broker, devices: int) -> None:
    """Measure while the broker runs."""
    async with running_broker(broker):
        await measure(broker, devices)


if __name__ == "__main__":
    main()
