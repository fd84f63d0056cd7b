"""What is shown of a station, as JSON and as GeoJSON (RFC 7946)."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.domain.quality import word_of
from hydroalert.store import reading_stations as store

Time = Annotated[str, msgspec.Meta(description="RFC 3339, UTC, milliseconds")]


class Latest(msgspec.Struct, frozen=True):
    """The newest observation; `live` while it is younger than the datastream's `live_for_s`.

    `quality` is QARTOD's flag, `test` what set it.
    """

    time: Time
    received_at: Time
    result: float
    unit: str
    quality: int
    test: str
    age_s: float
    live: bool


class Datastream(msgspec.Struct, frozen=True):
    """One series; `latest` is null before its first observation."""

    code: str
    unit: str
    interval_s: int
    live_for_s: int
    latest: Latest | None


class Position(msgspec.Struct, frozen=True):
    """WGS 84 degrees."""

    lon: float
    lat: float


class Station(msgspec.Struct, frozen=True):
    """A monitored place; `distance_m` where the query said `near`."""

    code: str
    official_code: str
    name: str
    river: str | None
    position: Position
    distance_m: float | None
    datastreams: list[Datastream]


class GivenStation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A station to be saved: WGS 84 degrees, longitude first. `official_code`: where it has another than its code."""

    name: str
    lon: float
    lat: float
    river: str | None = None
    official_code: str | None = None


class ImportedRow(msgspec.Struct, frozen=True):
    """What became of one row, counted from 1; `detail` says why it was refused."""

    row: int
    code: str | None
    outcome: Literal["added", "updated", "refused"]
    detail: str | None = None


class ImportedStations(msgspec.Struct, frozen=True):
    """Every row of an import, in its order, and how many became what."""

    added: int
    updated: int
    refused: int
    rows: list[ImportedRow]


class StationPage(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page; null on the last."""

    stations: list[Station]
    next: str | None


class DatastreamList(msgspec.Struct, frozen=True):
    """All the datastreams of one station."""

    station: str
    datastreams: list[Datastream]


class Point(msgspec.Struct, frozen=True):
    """GeoJSON Point: longitude, latitude."""

    coordinates: tuple[float, float]
    type: Literal["Point"] = "Point"


class Properties(msgspec.Struct, frozen=True):
    """Everything of a station but its position."""

    code: str
    official_code: str
    name: str
    river: str | None
    distance_m: float | None
    datastreams: list[Datastream]


class Feature(msgspec.Struct, frozen=True):
    """GeoJSON Feature; its id is the station's code."""

    id: str
    geometry: Point
    properties: Properties
    type: Literal["Feature"] = "Feature"


class FeatureCollection(msgspec.Struct, frozen=True):
    """GeoJSON FeatureCollection, with `next` as a foreign member."""

    features: list[Feature]
    next: str | None
    type: Literal["FeatureCollection"] = "FeatureCollection"


def show_station(station: store.Station, now: datetime) -> Station:
    """A station as JSON has it."""
    return Station(
        code=station.code,
        official_code=station.official_code,
        name=station.name,
        river=station.river,
        position=Position(station.lon, station.lat),
        distance_m=None if station.distance_m is None else round(station.distance_m, 1),
        datastreams=show_datastreams(station, now),
    )


def show_datastreams(station: store.Station, now: datetime) -> list[Datastream]:
    """The datastreams of a station, each with what was last heard."""
    return [
        Datastream(one.code, one.unit, one.interval_s, one.live_for_s, _show_latest(one, now))
        for one in station.datastreams
    ]


def show_feature(station: Station) -> Feature:
    """The same station as GeoJSON has it."""
    return Feature(
        id=station.code,
        geometry=Point((station.position.lon, station.position.lat)),
        properties=Properties(
            station.code,
            station.official_code,
            station.name,
            station.river,
            station.distance_m,
            station.datastreams,
        ),
    )


def _show_latest(datastream: store.Datastream, now: datetime) -> Latest | None:
    """G7 and G8: how old it is, and whether that is still live, stands beside every value."""
    latest = datastream.latest
    if latest is None:
        return None
    age_s = (now - latest.time).total_seconds()
    return Latest(
        time=rfc3339(latest.time),
        received_at=rfc3339(latest.received_at),
        result=latest.result,
        unit=datastream.unit,
        quality=latest.quality,
        test=word_of(latest.test),
        age_s=round(age_s, 3),
        live=age_s < datastream.live_for_s,
    )
