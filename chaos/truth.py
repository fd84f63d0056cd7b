"""The two sides of the comparison: what the devices' ledger says was sent, and what the database holds."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg

K = TypeVar("K")
V = TypeVar("V")
Key = tuple[str, str, int]
"""Station, datastream, phenomenon time in Unix milliseconds."""

_SENT = """
SELECT device.station, record.datastream, record.time_ms, record.value
FROM record JOIN frame ON frame.id = record.frame JOIN device ON device.id = frame.device
"""
_STORED = """
SELECT station.code, datastream.code, (extract(epoch FROM phenomenon_time) * 1000)::bigint, result
FROM observation JOIN datastream ON datastream.id = datastream_id JOIN station ON station.id = station_id
WHERE NOT internal
"""
_LATEST = """
SELECT station.code, datastream.code, (extract(epoch FROM phenomenon_time) * 1000)::bigint, result
FROM latest JOIN datastream ON datastream.id = datastream_id JOIN station ON station.id = station_id
WHERE NOT internal
"""
_TALLIES = """
SELECT station.code, device_tally.stored
FROM device_tally JOIN device ON device.id = device_id JOIN station ON station.id = device.station_id
WHERE NOT internal
"""
_COUNTS = """
SELECT (SELECT count(*) FROM conflict) AS conflicts, (SELECT count(*) FROM settlement) AS undigested,
       (SELECT coalesce(sum(frames), 0) FROM refusal_tally)::bigint + (SELECT count(*) FROM refused_frame) AS refused,
       (SELECT coalesce(sum(duplicates), 0) FROM device_tally)::bigint AS duplicates
"""


@dataclass(frozen=True)
class Held:
    """What the database holds at one moment, read in one snapshot."""

    rows: int
    series: Mapping[Key, float]
    latest: Mapping[tuple[str, str], tuple[int, float]]
    stored_by_station: Mapping[str, int]
    conflicts: int
    undigested: int
    refused: int
    duplicates: int


@dataclass(frozen=True)
class Verdict:
    """What is amiss, each as a count: all 0 when the platform kept its word. `duplicates` came again and count once."""

    sent: int
    stored: int
    lost: int
    doubled: int
    wrong: int
    unsent: int
    conflicts: int
    refused: int
    undigested: int
    wrong_latest: int
    wrong_tallies: int
    duplicates: int

    @property
    def amiss(self) -> int:
        """How much is wrong, altogether."""
        faults = (self.lost, self.doubled, self.wrong, self.unsent, self.conflicts, self.refused)
        return sum(faults) + self.undigested + self.wrong_latest + self.wrong_tallies


def newest_values(held: Held) -> dict[tuple[str, str], float]:
    """The value of the newest stored observation of each (station, datastream)."""
    newest: dict[tuple[str, str], tuple[int, float]] = {}
    for (station, stream, time_ms), result in held.series.items():
        newest[station, stream] = max(newest.get((station, stream), (0, 0.0)), (time_ms, result))
    return {key: result for key, (_, result) in newest.items()}


def read_ledger(path: Path) -> dict[Key, float]:
    """Every observation that was ever handed to a device, by the simulator's own books."""
    database = sqlite3.connect(path)
    try:
        return {(station, stream, time_ms): value for station, stream, time_ms, value in database.execute(_SENT)}
    finally:
        database.close()


async def read_database(url: str) -> Held:
    """Everything that is stored, from one snapshot. Raises asyncpg's errors where the database is away."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            observations = await connection.fetch(_STORED)
            latest = await connection.fetch(_LATEST)
            tallies = await connection.fetch(_TALLIES)
            (counts,) = await connection.fetch(_COUNTS)
    finally:
        await connection.close()
    return Held(
        rows=len(observations),
        series={(station, stream, time_ms): result for station, stream, time_ms, result in observations},
        latest={(station, stream): (time_ms, result) for station, stream, time_ms, result in latest},
        stored_by_station={row["code"]: row["stored"] for row in tallies},
        conflicts=counts["conflicts"],
        undigested=counts["undigested"],
        refused=counts["refused"],
        duplicates=counts["duplicates"],
    )


def judge(sent: Mapping[Key, float], held: Held) -> Verdict:
    """Compare the two sides, value by value; then what the platform derived, with what it should have derived."""
    both = sent.keys() & held.series.keys()
    newest: dict[tuple[str, str], tuple[int, float]] = {}
    by_station: dict[str, int] = {}
    for (station, stream, time_ms), result in held.series.items():
        newest[station, stream] = max(newest.get((station, stream), (0, 0.0)), (time_ms, result))
        by_station[station] = by_station.get(station, 0) + 1
    return Verdict(
        sent=len(sent),
        stored=len(both),
        lost=len(sent) - len(both),
        doubled=held.rows - len(held.series),
        wrong=sum(sent[key] != held.series[key] for key in both),
        unsent=len(held.series) - len(both),
        conflicts=held.conflicts,
        refused=held.refused,
        undigested=held.undigested,
        wrong_latest=_differences(newest, held.latest),
        wrong_tallies=_differences(by_station, held.stored_by_station),
        duplicates=held.duplicates,
    )


def _differences(true: Mapping[K, V], held: Mapping[K, V]) -> int:
    return sum(true.get(key) != held.get(key) for key in true.keys() | held.keys())
