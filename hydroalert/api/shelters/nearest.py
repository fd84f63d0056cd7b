"""`/api/v1/shelters/nearest`: where somebody finds room. What is not known is told as that, never as room or safety."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from hydroalert.api.callers.may import anyone
from hydroalert.api.parameters import parse_place
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.shelters.views import Near, Nearest, show_alert_data, show_shelter
from hydroalert.domain.shelters import MAX_PEOPLE, Candidate, answer_of, caution_of, in_order, note_of
from hydroalert.store import Connection
from hydroalert.store import reading_shelters as store
from hydroalert.store.reading import reading

MAX_NEAREST = 50
_SPARE = 5  # the index orders on a sphere: a few more than asked for, and the exact distances decide


@get(
    "/api/v1/shelters/nearest",
    tags=["shelters"],
    summary="The nearest open evacuation centres with room",
    guards=[anyone()],
    responses=documented(400, 503),
)
async def find_nearest(
    services: NamedDependency[Services],
    near: Annotated[str, QueryParameter(description="lon,lat in degrees: where you are")],
    places: Annotated[int, QueryParameter(description="For how many people", ge=1, le=MAX_PEOPLE)] = 1,
    limit: Annotated[int, QueryParameter(description="How many to name", ge=1, le=MAX_NEAREST)] = 5,
) -> Nearest:
    """Within 100 km, by distance on the spheroid; whose room is uncertain ranks as if twice as far away."""
    wanted = store.Wanted(*parse_place(near, "near"), places, services.clock())
    async with reading(services.readings) as connection:
        around = await store.read_surroundings(connection, wanted.lon, wanted.lat)
        known = await store.known_around(connection, wanted.lon, wanted.lat)
        offered = in_order(await _candidates(connection, wanted, limit), limit)
        loaded = {one.code: one for one in await store.load_shelters(connection, [one.code for one in offered])}
    shelters = [_show(one, loaded[one.code], wanted) for one in offered if one.code in loaded]
    answer = answer_of(known, offered)
    caution = caution_of(alerts_are_known=around.known, some_inside_alert=any(one.inside_alert for one in shelters))
    note = f"{note_of(answer, known, offered, places)} {caution}".strip()
    return Nearest(answer, note, show_alert_data(around), around.in_force, shelters)


async def _candidates(connection: Connection, wanted: store.Wanted, limit: int) -> list[Candidate]:
    counted = await store.nearest_shelters(connection, wanted, "counted", limit + _SPARE)
    return counted + await store.nearest_shelters(connection, wanted, "uncertain", limit + _SPARE)


def _show(candidate: Candidate, shelter: store.Shelter, wanted: store.Wanted) -> Near:
    return Near(
        distance_m=round(candidate.distance_m, 1),
        room=candidate.room,
        inside_alert=bool(shelter.surroundings.in_force),
        shelter=show_shelter(shelter, wanted.now),
    )
