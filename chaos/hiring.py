"""Who works at the desk of a drill, and where its people are: made once, the same in all rounds."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from chaos.platform import Endpoints
from hydroalert.accounts.api_keys import Wanted, make_key
from hydroalert.domain.actors import Actor, Role, Scope
from hydroalert.domain.shelters import NewShelter, Status
from hydroalert.store import Connection, open_pool
from hydroalert.store.accounts import NewAccount, add_account, read_account
from hydroalert.store.shelters import save_shelters
from hydroalert.store.writing import writing

FILE_NAME = "town.json"
STAFF = {"ruwan": Role.OPERATOR, "nimali": Role.OPERATOR, "kumari": Role.ADMIN}
"""Two who decide, and one who also takes back what was decided."""
SHELTERS = ("school", "temple")
_SCOPES = frozenset({Scope.REPORTS_READ, Scope.REPORTS_TRIAGE, Scope.SHELTERS_WRITE})
_NO_PASSWORD = "nobody-logs-in-by-this"  # they have keys


class Employee(msgspec.Struct, frozen=True):
    """Somebody at the desk: an account, its API key, and the name that the story of a report knows them by."""

    account: str
    key: str
    author: str


class Town(msgspec.Struct, frozen=True):
    """The desk's people, and the places (longitude, latitude) where water is seen: at the stations."""

    staff: list[Employee]
    places: list[tuple[float, float]]


async def settled_town(endpoints: Endpoints, directory: Path) -> Town:
    """The town of this directory: settled on the first call, the same ever after."""
    path = directory / FILE_NAME
    if not path.exists():
        stations = json.loads((directory / "stations.json").read_text())
        places = [(one["lon"], one["lat"]) for one in stations]
        path.write_bytes(msgspec.json.encode(await _settle(endpoints.database, places)))
    return msgspec.json.decode(path.read_bytes(), type=Town)


async def _settle(database: str, places: list[tuple[float, float]]) -> Town:
    pool = await open_pool(database)
    try:
        async with writing(pool, Actor("command-line", "chaos")) as connection:
            lon, lat = places[0]
            await save_shelters(connection, [NewShelter(one, one, lon, lat, 200, Status.OPEN) for one in SHELTERS])
            staff = [await _hire(connection, name, role) for name, role in STAFF.items()]
    finally:
        await pool.close()
    return Town(staff, places)


async def _hire(connection: Connection, name: str, role: Role) -> Employee:
    now = datetime.now(UTC)
    await add_account(connection, NewAccount(name, role, _NO_PASSWORD, must_change=False))
    account = await read_account(connection, name, now)
    wanted = Wanted("chaos", _SCOPES, now + timedelta(days=30))
    key = await make_key(connection, account, wanted, now, secrets.token_bytes)
    return Employee(name, str(key), f"{name}/{key.code}")
