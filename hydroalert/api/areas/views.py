"""What is shown of an alert area, as JSON and as GeoJSON (RFC 7946)."""

from typing import Annotated, Any, Literal

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.store import reading_areas as store
from hydroalert.store.informing import Chosen, Informing

Time = Annotated[str, msgspec.Meta(description="RFC 3339, UTC, milliseconds")]


class Area(msgspec.Struct, frozen=True):
    """An alert area without its polygon; `bbox` is around it: minlon, minlat, maxlon, maxlat.

    `state`, `severity`, `blind`, `blind_since` and `updated_at` as its retained topic has them: `cleared` with `blind`
    means unknown. `stations` inform it, `rules` are in force: their numbers. `distance_m` where the query said `near`.
    """

    code: str
    official_code: str
    names: dict[str, str]
    parent: str | None
    bbox: tuple[float, float, float, float]
    state: Literal["active", "cleared"]
    severity: str | None
    blind: bool
    blind_since: str | None
    revision: int
    updated_at: Time
    silence_factor: float
    stations: int
    rules: int
    distance_m: float | None


class AreaPage(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page; null on the last."""

    areas: list[Area]
    next: str | None


class Feature(msgspec.Struct, frozen=True):
    """GeoJSON Feature; its id is the area's code, its properties are all else of the area."""

    id: str
    bbox: tuple[float, float, float, float]
    geometry: msgspec.Raw
    properties: Area
    type: Literal["Feature"] = "Feature"


class FeatureCollection(msgspec.Struct, frozen=True):
    """GeoJSON FeatureCollection, with `next` as a foreign member."""

    features: list[Feature]
    next: str | None
    type: Literal["FeatureCollection"] = "FeatureCollection"


class InformingStation(msgspec.Struct, frozen=True):
    """A station in or near an area; 0 m where it stands inside. `chosen`: how it came to inform it, null if not."""

    station: str
    name: str
    river: str | None
    chosen: Chosen | None
    distance_m: float


class InformingList(msgspec.Struct, frozen=True):
    """The stations that inform an area, or those suggested."""

    area: str
    stations: list[InformingStation]


class GivenArea(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An area to be saved. `geometry`: GeoJSON Polygon or MultiPolygon; `names` by language, such as en or pt-BR."""

    names: dict[str, str]
    geometry: dict[str, Any]
    official_code: str | None = None
    parent: str | None = None
    silence_factor: float = 3.0


def show_area(area: store.Area) -> Area:
    """An area as JSON has it."""
    return Area(
        code=area.code,
        official_code=area.official_code,
        names=area.names,
        parent=area.parent,
        bbox=(area.box.west, area.box.south, area.box.east, area.box.north),
        state="active" if area.state == "active" else "cleared",
        severity=area.severity,
        blind=area.blind,
        blind_since=area.blind_since,
        revision=area.revision,
        updated_at=rfc3339(area.updated_at),
        silence_factor=area.silence_factor,
        stations=area.stations,
        rules=area.rules,
        distance_m=None if area.distance_m is None else round(area.distance_m, 1),
    )


def show_feature(area: store.Area) -> Feature:
    """The same area as GeoJSON has it; its geometry was loaded."""
    shown = show_area(area)
    return Feature(shown.code, shown.bbox, msgspec.Raw((area.geometry or "null").encode()), shown)


def show_informing(area: str, stations: list[Informing]) -> InformingList:
    """Stations in the order given."""
    return InformingList(
        area,
        [InformingStation(one.station, one.name, one.river, one.chosen, round(one.distance_m, 1)) for one in stations],
    )
