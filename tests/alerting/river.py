"""A river that is warned of: stations with a level, an area around each, a ladder over it, and time that passes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from hydroalert.alerting.pulse import Pulse
from hydroalert.alerting.rounds import Rounds
from hydroalert.domain.polygons import circle_of
from hydroalert.domain.rules import Level, Member, Rule
from hydroalert.domain.severity import Severity
from hydroalert.judging.voice import Voice
from hydroalert.store import Connection, Pool
from hydroalert.store.areas import NewArea, save_area
from hydroalert.store.informing import inform_area
from hydroalert.store.rules import save_rule
from hydroalert.store.sealing import Sealer
from tests.store.planting import level_of, plant_device, settle_values

VOICE = Voice(sender="test@hydroalert.example")
LADDER = (
    Level("alert", 3.0, Severity.MINOR),
    Level("flood", 4.0, Severity.MODERATE),
    Level("major", 5.0, Severity.SEVERE),
)


def ladder_over(station: str, **more: Any) -> Rule:
    """The usual three levels over the level of one station."""
    return Rule("level", LADDER, (Member(station, "level"),), **more)


async def plant_area(connection: Connection, sealer: Sealer, device: str = "gauge-1") -> tuple[int, int]:
    """A station of this device with an area and a ladder of its own; (area id, datastream id)."""
    await plant_device(connection, sealer, device)
    station = f"at-{device}"
    async with connection.transaction():
        await save_area(connection, NewArea(f"by-{device}", {"en": f"By {device}"}, circle_of(80.0, 7.0, 500.0)))
        await inform_area(connection, f"by-{device}", [station])
        await save_rule(connection, f"by-{device}", ladder_over(station), "tests")
    area_id: int = await connection.fetchval("SELECT id FROM area WHERE code = $1", f"by-{device}")
    return area_id, await level_of(connection, device)


async def flow(connection: Connection, datastream_id: int, *values: float, ends: timedelta = timedelta()) -> None:
    """Values a minute apart, the newest `ends` ago."""
    now = datetime.now(UTC).replace(microsecond=0) - ends
    times = [now - timedelta(minutes=len(values) - 1 - place) for place in range(len(values))]
    await settle_values(connection, datastream_id, list(zip(times, values, strict=True)), datetime.now(UTC))


async def go_round(pool: Pool) -> None:
    """One round of an alerting process."""
    await Rounds(pool, VOICE, Pulse())._round()


async def go_round_within(connection: Connection) -> None:
    """The same within a transaction of the caller's: nothing of it is committed."""
    rounds, now = Rounds(None, VOICE, Pulse()), datetime.now(UTC)  # type: ignore[arg-type] - it needs no other connection
    await rounds._test(connection, now)
    await rounds._judge(connection, now)


async def revisions(connection: Connection, area_id: int, *, drill: bool = False) -> list[tuple[int, str, str, str]]:
    """(number, transition, hazard, severity) of each revision of an area."""
    rows = await connection.fetch(
        "SELECT revision, transition, hazard, severity FROM revision WHERE area_id = $1 AND drill = $2 "
        "ORDER BY revision",
        area_id,
        drill,
    )
    return [(row["revision"], row["transition"], row["hazard"], row["severity"]) for row in rows]


async def snapshot(connection: Connection, area_id: int, *, drill: bool = False) -> dict[str, Any]:
    """What everyone is told of an area."""
    held = await connection.fetchval(
        "SELECT snapshot FROM area_state WHERE area_id = $1 AND drill = $2", area_id, drill
    )
    shown: dict[str, Any] = msgspec.json.decode(held)
    return shown


async def counts(connection: Connection, *tables: str) -> Sequence[int]:
    """How many rows each of these tables has."""
    return [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
