"""Rows that tests of the store start from."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hydroalert.domain.clock import to_ms
from hydroalert.domain.quality import UNTESTED
from hydroalert.store import Connection
from hydroalert.store.copying import Stored
from hydroalert.store.devices import NewDatastream, NewDevice, register_device
from hydroalert.store.months import make_months, month_of
from hydroalert.store.sealing import Sealer
from hydroalert.store.settlements import Tallies, add_settlement, keep_conflicts, merge_observations
from hydroalert.store.stations import NewStation, find_datastream, save_stations

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def plant_device(connection: Connection, sealer: Sealer, device: str = "gauge-1") -> int:
    """A device that fills `level` of a station of its own name; returns its id."""
    await save_stations(connection, [NewStation(f"at-{device}", "Somewhere", 80.0, 7.0)])
    new = NewDevice(device, f"at-{device}", (NewDatastream("level", "m"), NewDatastream("flow", "m3/s")))
    async with connection.transaction():
        await register_device(connection, sealer, new, NOON)
    device_id: int = await connection.fetchval("SELECT id FROM device WHERE code = $1", device)
    return device_id


async def level_of(connection: Connection, device: str = "gauge-1") -> int:
    """The id of the datastream `level` that a planted device fills."""
    return await find_datastream(connection, f"at-{device}", "level")


async def settle_values(
    connection: Connection, datastream_id: int, values: Sequence[tuple[datetime, float]], received_at: datetime
) -> None:
    """What settling a frame of these does to the series, conflicts and the settlement included."""
    rows: list[Stored] = [(datastream_id, to_ms(time), 0, value, UNTESTED) for time, value in sorted(values)]
    await make_months(connection, {month_of(time) for time, _ in values})
    async with connection.transaction():
        new, contradictions = await merge_observations(connection, rows, to_ms(received_at))
        await keep_conflicts(connection, contradictions, [(None, None)] * len(contradictions), to_ms(received_at))
        values = [(time, value) for time, value in sorted(values) if (datastream_id, time) in new]
        newest = [(datastream_id, to_ms(time), value, *UNTESTED) for time, value in values[-1:]]
        due = [(datastream_id, to_ms(time)) for time, _ in values[:1]]
        await add_settlement(connection, Tallies(newest, [], [], due), received_at)
