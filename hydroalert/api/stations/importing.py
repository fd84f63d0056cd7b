"""`POST /api/v1/stations`: many at once, as JSON, GeoJSON or CSV; each row is answered."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK

from hydroalert.api.bodies import read_body
from hydroalert.api.callers.may import may
from hydroalert.api.documenting import TableIn
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.stations.views import ImportedRow, ImportedStations
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.stations import NewStation, checked, save_stations
from hydroalert.store.writing import writing
from hydroalert.wire.tables import converted, parse_rows

MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_ROWS = 10_000

_Sorted = dict[int, NewStation | str]
"""By its row's number, a station or why it is none."""


@post(
    "/api/v1/stations",
    tags=["stations"],
    summary="Add or replace many stations: JSON, GeoJSON or CSV with code,name,lon,lat[,river,official_code]",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    status_code=HTTP_200_OK,
    request_max_body_size=MAX_BODY_BYTES,
    operation_class=TableIn,
    responses=documented(400, 408, 409, 413, 503),
)
async def import_stations(
    request: Request[Any, Any, Any], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> ImportedStations:
    """Rows that cannot be stations are refused with the reason; all others are saved at once, 10,000 at most."""
    sorted_out = sort_out(_rows(await read_body(request)))
    stations = [one for one in sorted_out.values() if isinstance(one, NewStation)]
    async with writing(services.writings, caller.actor) as connection:
        added = await save_stations(connection, stations)
    rows = [_show(number, one, added) for number, one in sorted_out.items()]
    counts = Counter(row.outcome for row in rows)
    return ImportedStations(counts["added"], counts["updated"], counts["refused"], rows)


def sort_out(rows: Iterable[dict[str, Any]]) -> _Sorted:
    """Each row's station, or why it is none. Of two with the same code the second is refused."""
    sorted_out: _Sorted = {}
    first: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        try:
            station = checked(converted(row, NewStation, f"row {number}"))
        except InvalidInput as error:
            sorted_out[number] = str(error)
            continue
        before = first.setdefault(station.code, number)
        sorted_out[number] = station if before == number else f"station {station.code} stands in row {before} already"
    return sorted_out


def _rows(body: bytes) -> list[dict[str, Any]]:
    try:
        rows = parse_rows(body.decode("utf-8-sig"), "the body")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the body is not UTF-8: {error}") from None
    if not 0 < len(rows) <= MAX_ROWS:
        raise InvalidInput(f"that are {len(rows)} stations: send 1 to {MAX_ROWS:,} at a time")
    return rows


def _show(number: int, one: NewStation | str, added: frozenset[str]) -> ImportedRow:
    if isinstance(one, str):
        return ImportedRow(number, None, "refused", one)
    return ImportedRow(number, one.code, "added" if one.code in added else "updated")
