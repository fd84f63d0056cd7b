"""What is given and shown of a shelter, as JSON and as GeoJSON (RFC 7946)."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from hydroalert.api.stations.views import Point, Position, Time
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.shelters import Answer, Count, Room, Status, free_places, is_stale
from hydroalert.store import reading_shelters as store
from hydroalert.store.reading_shelters import AlertArea

AlertData = Annotated[
    Literal["covered", "no-data"],
    msgspec.Meta(description="no-data: nobody knows whether an alert should be in force there; never an all-clear"),
]


class ShelterNews(msgspec.Struct, frozen=True):
    """An evacuation centre as it is told when it changes.

    `occupancy` is the count of `occupancy_at`; null, and so is `free`, where nobody counted. `step_free` is null where
    nobody said.
    """

    code: str
    official_code: str
    name: str
    position: Position
    status: Status
    capacity: int
    occupancy: int | None
    occupancy_at: Time | None
    free: int | None
    is_over_full: bool
    phone: str | None
    step_free: bool | None
    remarks: str
    version: int
    changed_at: Time


class Shelter(ShelterNews, frozen=True):
    """An evacuation centre as it stands at the time of the answer.

    `occupancy_is_stale`: its count is older than 6 h, or there is none. `in_alert_areas`: the areas with an alert in
    force that it lies in; where `alert_data` is `no-data`, none there means nothing.
    """

    occupancy_is_stale: bool
    in_alert_areas: tuple[AlertArea, ...]
    alert_data: AlertData


class ShelterPage(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page; null on the last."""

    shelters: list[Shelter]
    next: str | None


class Feature(msgspec.Struct, frozen=True):
    """GeoJSON Feature; its id is the shelter's code, its properties are all of the shelter."""

    id: str
    geometry: Point
    properties: Shelter
    type: Literal["Feature"] = "Feature"


class FeatureCollection(msgspec.Struct, frozen=True):
    """GeoJSON FeatureCollection, with `next` as a foreign member."""

    features: list[Feature]
    next: str | None
    type: Literal["FeatureCollection"] = "FeatureCollection"


class Near(msgspec.Struct, frozen=True):
    """An open shelter that may have room; `room`: `counted` lately, or `uncertain`. `inside_alert`: no safe place."""

    distance_m: float
    room: Room
    inside_alert: bool
    shelter: Shelter


class Nearest(msgspec.Struct, frozen=True):
    """Where to go. `found`: a shelter with room is among them. `none-with-room`: shelters are known, none has any.
    `no-data`: nothing is known, of shelters or of the room in those that are listed. `note` says it to people."""

    answer: Answer
    note: str
    alert_data: AlertData
    in_alert_areas: tuple[AlertArea, ...]
    shelters: list[Near]


class KeptCount(msgspec.Struct, frozen=True):
    """How many people were in it then."""

    at: Time
    occupancy: int


class CountPage(msgspec.Struct, frozen=True):
    """The latest first. `next` is the cursor of the next page; null on the last."""

    shelter: str
    counts: list[KeptCount]
    next: str | None


class GivenShelter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shelter to be saved. `status` stays as it is where it is left out, and is standby of a new one. With `version`
    only what has that version is replaced."""

    name: str
    lon: float
    lat: float
    capacity: int
    status: Status | None = None
    phone: str | None = None
    step_free: bool | None = None
    remarks: str = ""
    official_code: str | None = None
    version: int | None = None


class GivenChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays as it is. `version`: the one that this changes; 409 where it is another by now."""

    version: int
    status: Status | None = None
    remarks: str | None = None


class GivenCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many people are in it; `at`: when they were counted (RFC 3339), now unless said."""

    occupancy: int
    at: str | None = None


def show_shelter(shelter: store.Shelter, now: datetime) -> Shelter:
    """A shelter as JSON has it."""
    stale = is_stale(shelter.newest.at if shelter.newest else None, now)
    around = shelter.surroundings
    told = (*msgspec.structs.astuple(show_news(shelter)), stale, around.in_force, show_alert_data(around))
    return Shelter(*told)


def show_news(shelter: store.Shelter) -> ShelterNews:
    """What of a shelter does not change by itself: nothing that an alert or the hour does to it."""
    newest = shelter.newest
    occupancy, at = (None, None) if newest is None else (newest.occupancy, newest.at)
    return ShelterNews(
        code=shelter.code,
        official_code=shelter.official_code,
        name=shelter.name,
        position=Position(shelter.lon, shelter.lat),
        status=shelter.status,
        capacity=shelter.capacity,
        occupancy=occupancy,
        occupancy_at=None if at is None else rfc3339(at),
        free=free_places(shelter.capacity, occupancy),
        is_over_full=occupancy is not None and occupancy > shelter.capacity,
        phone=shelter.phone,
        step_free=shelter.step_free,
        remarks=shelter.remarks,
        version=shelter.version,
        changed_at=rfc3339(shelter.changed_at),
    )


def show_alert_data(around: store.Surroundings) -> Literal["covered", "no-data"]:
    """Whether what is said of alerts at a place can be believed."""
    return "covered" if around.known else "no-data"


def show_feature(shelter: Shelter) -> Feature:
    """The same shelter as GeoJSON has it."""
    return Feature(shelter.code, Point((shelter.position.lon, shelter.position.lat)), shelter)


def show_count(count: Count) -> KeptCount:
    """One count; who made it is for the audit."""
    return KeptCount(rfc3339(count.at), count.occupancy)
