"""Shelters (evacuation centres): what one is, and which of them to name to who asks for room. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

import msgspec

from hydroalert.domain.codes import code_from, is_code
from hydroalert.domain.errors import InvalidInput

STALE_AFTER = timedelta(hours=6)
"""A count that is older says how it was, not whether there is room now."""
MAX_PEOPLE = 1_000_000
MAX_NAME, MAX_PHONE, MAX_REMARKS = 200, 40, 1_000
WITHIN_M = 100_000.0
"""Beyond, a shelter is no answer to somebody who looks for one."""

_RESERVED = frozenset({"nearest"})
_DETOUR = 2.0


class Status(StrEnum):
    """Whether it takes people in."""

    OPEN = "open"
    STANDBY = "standby"
    CLOSED = "closed"


class NewShelter(msgspec.Struct, frozen=True):
    """A shelter to be saved: position in WGS 84 degrees. `status`: None for as it is, standby of a new one;
    `step_free`: None where nobody said.
    """

    code: str
    name: str
    lon: float
    lat: float
    capacity: int
    status: Status | None = None
    phone: str | None = None
    step_free: bool | None = None
    remarks: str = ""
    official_code: str | None = None


class Count(msgspec.Struct, frozen=True):
    """How many people were in a shelter at a time."""

    occupancy: int
    at: datetime


Room = Literal["counted", "uncertain"]
"""`counted`: a count of the last hours leaves room. `uncertain`: nobody counted, or not lately."""

Answer = Literal["found", "none-with-room", "no-data"]


class Known(msgspec.Struct, frozen=True):
    """How many shelters are known around a place, and how many of them are open."""

    shelters: int
    open: int


class Candidate(msgspec.Struct, frozen=True):
    """An open shelter, and how far it is."""

    code: str
    distance_m: float
    room: Room

    @property
    def detour_m(self) -> float:
        """Who finds a shelter full must go on from there: without a count it ranks as if twice as far away."""
        return self.distance_m * (1.0 if self.room == "counted" else _DETOUR)


def checked(shelter: NewShelter) -> NewShelter:
    """The shelter with its code brought into form. Raises InvalidInput."""
    code = code_from(shelter.code)
    if not is_code(code) or code in _RESERVED:
        raise InvalidInput(f"{shelter.code[:80]!r} can be no shelter's code: give letters and digits", "code")
    if not (-180 <= shelter.lon <= 180 and -90 <= shelter.lat <= 90):
        raise InvalidInput(f"{shelter.lon:g}, {shelter.lat:g} are not WGS 84 degrees; longitude comes first", "lon")
    if not 1 <= shelter.capacity <= MAX_PEOPLE:
        raise InvalidInput(f"its capacity is from 1 to {MAX_PEOPLE} people", "capacity")
    official_code = shelter.official_code or shelter.code
    _check_text(shelter.name, "name", MAX_NAME)
    _check_text(official_code, "official_code", MAX_NAME)
    if shelter.phone is not None:
        _check_text(shelter.phone, "phone", MAX_PHONE)
    check_remarks(shelter.remarks)
    return msgspec.structs.replace(shelter, code=code, official_code=official_code)


def check_remarks(remarks: str) -> None:
    """May be empty, and may have several lines. Raises InvalidInput."""
    if len(remarks) > MAX_REMARKS or not all(sign.isprintable() or sign == "\n" for sign in remarks):
        raise InvalidInput(f"remarks have at most {MAX_REMARKS} printable characters", "remarks")


def check_count(count: Count, now: datetime, max_ahead: timedelta) -> None:
    """More people than there are places is so now and then, and kept. Raises InvalidInput."""
    if not 0 <= count.occupancy <= MAX_PEOPLE:
        raise InvalidInput(f"there are from 0 to {MAX_PEOPLE} people in a shelter", "occupancy")
    if count.at > now + max_ahead:
        raise InvalidInput(
            f"that is more than {max_ahead.total_seconds() / 60:g} minutes ahead: it is yet to come", "at"
        )


def free_places(capacity: int, occupancy: int | None) -> int | None:
    """None where nobody counted: no data is never room."""
    return None if occupancy is None else max(0, capacity - occupancy)


def is_stale(counted_at: datetime | None, now: datetime) -> bool:
    """Whether the newest count is old; true also where there is none."""
    return counted_at is None or now - counted_at > STALE_AFTER


def in_order(found: Sequence[Candidate], limit: int) -> list[Candidate]:
    """The nearest first, those whose room is uncertain as if they were twice as far away."""
    return sorted(found, key=lambda one: (one.detour_m, one.distance_m, one.code))[:limit]


def answer_of(known: Known, offered: Sequence[Candidate]) -> Answer:
    """What may be said: `found` only where a count left room, `none-with-room` only where every shelter was full or not
    open, `no-data` where nothing is known, be it of shelters or of the room in them."""
    if any(one.room == "counted" for one in offered):
        return "found"
    return "no-data" if offered or not known.shelters else "none-with-room"


def note_of(answer: Answer, known: Known, offered: Sequence[Candidate], places: int) -> str:
    """The same in words for people: what to do, and what it does not mean."""
    if answer == "found":
        return "Open shelters that had room when they were last counted, the nearest first: call before you go."
    if answer == "none-with-room":
        return (
            f"Of {known.shelters} shelters known within {WITHIN_M / 1000:.0f} km {known.open} are open, and none of "
            f"them has room for {places}: call the emergency services, others may open."
        )
    if offered:
        return "These shelters are open, but nobody has lately counted who is there: call before you go."
    return (
        f"Nothing is known here within {WITHIN_M / 1000:.0f} km. That does not mean that there is no shelter, nor "
        "that you need none: ask the authorities on the spot."
    )


def caution_of(*, alerts_are_known: bool, some_inside_alert: bool) -> str:
    """What must be said beside it, so that nothing is taken for safe that is not; empty where there is nothing."""
    said = []
    if not alerts_are_known:
        said.append("Whether an alert is in force at your place is not known: that is no all-clear.")
    if some_inside_alert:
        said.append("What is marked inside_alert lies in an area where an alert is in force.")
    return " ".join(said)


def _check_text(text: str, parameter: str, most: int) -> None:
    if not text.strip() or not text.isprintable() or len(text) > most:
        raise InvalidInput(f"{parameter} has 1 to {most} printable characters", parameter)
