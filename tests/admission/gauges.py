"""Registered devices that sign, and what they left in the database."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from hydroalert.admission.decide import Arrival, Decision, Rules, decide
from hydroalert.domain.clock import to_ms
from hydroalert.domain.registry import Registry
from hydroalert.store import Connection
from hydroalert.store.devices import NewDatastream, NewDevice, register_device
from hydroalert.store.registry import load_registry
from hydroalert.store.sealing import Sealer
from hydroalert.store.stations import NewStation, save_stations
from hydroalert.wire.frame import Header, sign_frame
from hydroalert.wire.topics import Channel, device_topic

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
NOW_MS = to_ms(NOON)
NOW_S = NOW_MS // 1000
THIRTY_YEARS_MS = 946_080_000_000
RULES = Rules(NOW_MS, NOW_MS - THIRTY_YEARS_MS, NOW_MS + 300_000)

Reading = tuple[float, float]
"""(seconds after noon, level in m)."""


class Gauge:
    """One device that fills `level` (m) and `flow` (m3/s) of a station of its own."""

    def __init__(self, code: str, key: bytes, key_id: int = 0, boot: int = 7) -> None:
        self.code, self.key, self.key_id, self.boot = code, key, key_id, boot
        self.sequence = 0

    def frame(
        self, body: bytes, *, content: int = 0, wanted: bool = True, channel: Channel = Channel.FRAMES
    ) -> Arrival:
        """A signed frame with the next sequence."""
        header = Header(content, int(wanted), self.key_id, self.boot, self.sequence)
        self.sequence += 1
        return Arrival(self.code, channel, sign_frame(self.key, device_topic(self.code, channel), header, body))

    def levels(self, *readings: Reading, name: str = "level", wanted: bool = True) -> Arrival:
        """A frame of levels."""
        pack = [{"n": name, "t": NOW_S + after_s, "v": level_m} for after_s, level_m in readings]
        return self.frame(json.dumps(pack).encode(), wanted=wanted)


async def register(connection: Connection, sealer: Sealer, code: str = "gauge-1") -> Gauge:
    """Register a device at a station of its own."""
    await save_stations(connection, [NewStation(f"at-{code}", "Somewhere", 80.0, 7.0)])
    new = NewDevice(code, f"at-{code}", (NewDatastream("level", "m"), NewDatastream("flow", "m3/s")))
    async with connection.transaction():
        registered = await register_device(connection, sealer, new, NOON)
    return Gauge(code, bytes.fromhex(registered.key_hex))


async def registry_of(connection: Connection, sealer: Sealer) -> Registry:
    """Everybody."""
    return await load_registry(connection, sealer)


def judged(arrivals: Sequence[Arrival], registry: Registry, rules: Rules = RULES) -> list[Decision]:
    """As admission judges them at noon."""
    return [decide(arrival, registry, rules) for arrival in arrivals]


async def series(connection: Connection) -> list[tuple[int, float]]:
    """(seconds after noon, result) of everything stored."""
    rows = await connection.fetch("SELECT phenomenon_time, result FROM observation ORDER BY datastream_id, 1")
    return [((to_ms(row["phenomenon_time"]) - NOW_MS) // 1000, row["result"]) for row in rows]
