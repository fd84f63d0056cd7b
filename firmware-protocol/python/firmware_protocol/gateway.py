"""A gateway in one command: readings come in on standard input, one a line, and go out signed.

    read-my-sensors | python -m firmware_protocol.gateway --identity gauge-1.json --broker mqtts://river.example:8883

A line is ``CODE VALUE [UNIT [TIME]]``: ``level 1.253 m`` or ``level 1.253 m 2025-11-28T06:30:00Z``. Without a time it
is now. The identity is what ``hydroalert device register --json`` printed. Readings are kept in the spool until the
platform has receipted them, through restarts, power cuts and weeks without network.
"""

import argparse
import asyncio
import json
import logging
import random
import ssl
import sys
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from firmware_protocol.device import Device, KeyRing, Options
from firmware_protocol.errors import FirmwareProtocolError
from firmware_protocol.mqtt import Broker, Gateway
from firmware_protocol.senml import Reading
from firmware_protocol.spool import Spool

log = logging.getLogger("gateway")


def main(arguments: list[str] | None = None) -> int:
    """0 when every reading was receipted, 1 when some stay in the spool for the next run, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        identity = _identity(options.identity)
        broker = _broker(options.broker, identity, options.ca_file)
        device = _device(identity, options.spool, cbor=options.cbor)
    except (OSError, ValueError, FirmwareProtocolError) as error:
        print(f"gateway: cannot start: {error}", file=sys.stderr)
        return 2
    try:
        return asyncio.run(_carry(device, broker, linger_s=options.linger_s))
    except KeyboardInterrupt:
        return 1
    finally:
        device.spool.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m firmware_protocol.gateway", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--identity", type=Path, required=True, help="JSON of `hydroalert device register --json`")
    parser.add_argument("--broker", required=True, help="mqtt://host:port, or mqtts://host:port for TLS")
    parser.add_argument("--ca-file", type=Path, help="whom to trust for mqtts (default: the system's authorities)")
    parser.add_argument("--spool", type=Path, default=Path("spool.db"), help="the spool's file (default: spool.db)")
    parser.add_argument("--cbor", action="store_true", help="send CBOR, about half the size of JSON")
    parser.add_argument(
        "--linger-s", type=float, default=10.0, help="how long to wait for receipts when the input ends (default: 10)"
    )
    return parser


def _identity(path: Path) -> dict[str, str]:
    """What the registration printed. Raises ValueError where something is missing."""
    identity = json.loads(path.read_text(encoding="utf-8"))
    wanted = ("device", "key_id", "key_hex", "mqtt_username", "mqtt_password")
    missing = [name for name in wanted if not isinstance(identity, dict) or name not in identity]
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}: it is what `hydroalert device register --json` prints")
    return {name: str(identity[name]) for name in wanted}


def _device(identity: dict[str, str], spool: Path, *, cbor: bool) -> Device:
    key_id = int(identity["key_id"])
    keys = KeyRing({key_id: bytes.fromhex(identity["key_hex"])}, key_id)
    return Device(identity["device"], keys, Spool(spool), rng=_dice(), options=Options("gateway 0.1", cbor=cbor))


def _dice() -> random.Random:
    return random.Random()  # noqa: S311 - jitter needs no secrecy


def _broker(address: str, identity: dict[str, str], ca_file: Path | None) -> Broker:
    """Raises ValueError for an address that is not mqtt:// or mqtts://."""
    url = urlsplit(address)
    if url.scheme not in ("mqtt", "mqtts") or url.hostname is None:
        raise ValueError(f"a broker is mqtt://host:port or mqtts://host:port, not {address!r}")
    tls = ssl.create_default_context(cafile=ca_file) if url.scheme == "mqtts" else None
    port = url.port or (8883 if tls else 1883)
    return Broker(url.hostname, port, identity["mqtt_username"], identity["mqtt_password"], tls)


async def _carry(device: Device, broker: Broker, *, linger_s: float) -> int:
    gateway = Gateway(device, broker, rng=_dice())
    async with asyncio.TaskGroup() as group:
        group.create_task(gateway.run(), name="gateway")
        await _record_lines(gateway)
        await gateway.drained(within_s=linger_s)
        gateway.leave()
    left = len(device.spool)
    if left:
        log.warning("%d frames wait in the spool for the next run", left)
    return 1 if left else 0


async def _record_lines(gateway: Gateway) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        try:
            if line.strip():
                gateway.device.record([parse_line(line, _now_ms())])
                gateway.wake()
        except ValueError as error:
            log.error("passed over %r: %s", line.strip(), error)


def parse_line(line: str, now_ms: int) -> Reading:
    """``CODE VALUE [UNIT [TIME]]``; TIME is ISO 8601 with its offset. Raises ValueError."""
    words = line.split()
    if not 2 <= len(words) <= 4:
        raise ValueError("a line is CODE VALUE [UNIT [TIME]]")
    code, value, unit, at = [*words, None, None][:4]
    return Reading(str(code), now_ms if at is None else _unix_ms(at), float(str(value)), unit)


def _unix_ms(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no offset: end it with Z for UTC")
    return round(moment.timestamp() * 1000)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main())
