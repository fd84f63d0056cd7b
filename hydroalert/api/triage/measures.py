"""`/api/v1/triage/measures`: how long people waited, and what waits now."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from hydroalert.api.parameters import parse_time
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.stations.views import Time
from hydroalert.api.triage.routes import MAY_LOOK
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.measures import AGES_S, Day, OpenWork, Times, days, open_work, times
from hydroalert.store.reading import reading

USUAL = timedelta(days=7)
LONGEST = timedelta(days=366)
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Waiting(msgspec.Struct, frozen=True):
    """How many reports wait in a state, of an age from `from_s` to below `to_s` seconds (null: any older)."""

    state: str
    from_s: int
    to_s: int | None
    reports: int


class Measures(msgspec.Struct, frozen=True):
    """Of reports sent from `since` to `until`: how long they waited, and how many there were; and what waits now."""

    since: Time
    until: Time
    times: list[Times]
    days: list[Day]
    open: list[Waiting]


@get(
    "/api/v1/triage/measures",
    tags=["triage"],
    summary="How triage does: time to the first look and to a decision, open work by age",
    guards=[MAY_LOOK],
    responses=documented(400, 503),
)
async def read_measures(
    services: NamedDependency[Services],
    since: Annotated[str | None, QueryParameter(description="Sent then or later; a week ago unless said")] = None,
    until: Annotated[str | None, QueryParameter(description="Sent before; now unless said")] = None,
) -> Measures:
    """At most 366 days. Whoever was withdrawn before anybody looked counts as submitted only."""
    now = services.clock()
    start, end = _window(since, until, now)
    async with reading(services.readings) as connection:
        waited = await times(connection, start, end)
        came = await days(connection, start, end)
        waiting = await open_work(connection, now)
    return Measures(rfc3339(start), rfc3339(end), waited, came, [_waiting(one) for one in waiting])


def _window(since: str | None, until: str | None, now: datetime) -> tuple[datetime, datetime]:
    end = now if until is None else parse_time(until, "until")
    start = end - min(USUAL, end - _EARLIEST) if since is None else parse_time(since, "since")
    if not timedelta() < end - start <= LONGEST:
        raise InvalidInput(f"since must lie before until, by at most {LONGEST.days} days", "since")
    return start, end


def _waiting(one: OpenWork) -> Waiting:
    ends = (0, *AGES_S, None)
    return Waiting(one.state, ends[one.age] or 0, ends[one.age + 1], one.reports)
