"""Puts stations, datastreams, devices and observations into a test's database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

START = datetime(2025, 11, 1, tzinfo=UTC)
STEP = timedelta(minutes=15)


def at(step: int) -> datetime:
    """The time of the n-th observation."""
    return START + STEP * step


@dataclass
class World:
    """The database of one test."""

    connection: asyncpg.Connection

    async def add_station(self, code: str, *, lon: float = 80.0, lat: float = 7.0, river: str | None = None) -> int:
        """Returns the station's id."""
        return await self.connection.fetchval(
            "INSERT INTO station (code, official_code, name, river, position) "
            "VALUES ($1::text, $1::text, $2, $3, ST_SetSRID(ST_MakePoint($4, $5), 4326)) RETURNING id",
            code,
            code.title(),
            river,
            lon,
            lat,
        )

    async def add_datastream(
        self, station_id: int, code: str = "level", unit: str = "m", live_for_s: int = 2700
    ) -> int:
        """Returns the datastream's id."""
        return await self.connection.fetchval(
            "INSERT INTO datastream (station_id, code, unit, interval_s, live_for_s) "
            "VALUES ($1, $2, $3, 900, $4) RETURNING id",
            station_id,
            code,
            unit,
            live_for_s,
        )

    async def add_series(self, station: str = "avon", code: str = "level") -> int:
        """A station with one datastream; returns the datastream's id."""
        return await self.add_datastream(await self.add_station(station), code)

    async def observe(
        self,
        datastream_id: int,
        readings: Iterable[tuple[datetime, float]],
        *,
        received_at: datetime | None = None,
        quality: int = 2,
    ) -> None:
        """Store observations, making the months they need; they arrive as they are measured unless said."""
        rows = [(time, received_at or time, result, datastream_id, quality) for time, result in readings]
        for month in {time.date().replace(day=1) for time, *_ in rows}:
            await self._add_month(datetime(month.year, month.month, 1, tzinfo=UTC))
        await self.connection.copy_records_to_table(
            "observation",
            records=rows,
            columns=["phenomenon_time", "received_at", "result", "datastream_id", "quality"],
        )

    async def _add_month(self, start: datetime) -> None:
        end = (start + timedelta(days=32)).replace(day=1)
        await self.connection.execute(
            f"CREATE TABLE IF NOT EXISTS observation_y{start:%Ym%m} PARTITION OF observation "
            f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )

    async def set_latest(self, datastream_id: int, time: datetime, result: float) -> None:
        """What the digest would have noted."""
        await self.connection.execute(
            "INSERT INTO latest VALUES ($1, $2, $2, $3, 2)",
            datastream_id,
            time,
            result,
        )

    async def add_conflict(
        self,
        datastream_id: int,
        time: datetime,
        result: float,
        *,
        received_at: datetime,
        superseded_at: datetime | None = None,
    ) -> None:
        """A value kept out of the series; it stood there until `superseded_at`, if that is given."""
        await self.connection.execute(
            "INSERT INTO conflict (datastream_id, phenomenon_time, result, quality, received_at, superseded_at) "
            "VALUES ($1, $2, $3, 2, $4, $5)",
            datastream_id,
            time,
            result,
            received_at,
            superseded_at,
        )
