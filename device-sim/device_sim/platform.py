"""The platform as anyone reads it: observations and device tallies over the public HTTP API."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import msgspec

PAGE = 5000
_Answer = TypeVar("_Answer", bound=msgspec.Struct)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class PlatformUnreachable(Exception):
    """Nobody answers, or the answer is not the platform's."""


class Observation(msgspec.Struct, frozen=True):
    """One row of a series, as read."""

    time: str
    result: float

    @property
    def time_ms(self) -> int:
        """Its phenomenon time in Unix milliseconds."""
        return (datetime.fromisoformat(self.time) - _EPOCH) // _MILLISECOND


class _Page(msgspec.Struct, frozen=True):
    observations: list[Observation]
    next: str | None = None


class _Refused(msgspec.Struct, frozen=True):
    frames: int = 0
    records: int = 0


class Tally(msgspec.Struct, frozen=True):
    """What the platform counted of one device."""

    device: str
    frames: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    refused: Mapping[str, _Refused] = msgspec.field(default_factory=dict)


class _Devices(msgspec.Struct, frozen=True):
    devices: list[Tally]
    next: str | None = None


async def observations(client: httpx.AsyncClient, station: str, datastream: str) -> AsyncIterator[Observation]:
    """The whole series, oldest first; nothing where the platform has no such datastream."""
    path = f"/api/v1/stations/{station}/datastreams/{datastream}/observations"
    cursor: str | None = None
    while True:
        raw = await _get(client, path, cursor)
        if raw is None:
            return
        page = _decode(raw, _Page, path)
        for one in page.observations:
            yield one
        cursor = page.next
        if cursor is None:
            return


async def tallies(client: httpx.AsyncClient) -> dict[str, Tally] | None:
    """What the platform counted, by device; None where this machine may not ask."""
    found: dict[str, Tally] = {}
    cursor: str | None = None
    while True:
        raw = await _get(client, "/api/v1/devices", cursor, page=1000)
        if raw is None:
            return None
        page = _decode(raw, _Devices, "/api/v1/devices")
        found |= {one.device: one for one in page.devices}
        cursor = page.next
        if cursor is None:
            return found


async def _get(client: httpx.AsyncClient, path: str, cursor: str | None, page: int = PAGE) -> bytes | None:
    """The body; None for 401, 403 and 404."""
    query = {"limit": str(page)} | ({} if cursor is None else {"cursor": cursor})
    try:
        response = await client.get(path, params=query)
    except httpx.TransportError as error:
        raise PlatformUnreachable(f"cannot reach {client.base_url}: {error}") from error
    if response.status_code in {401, 403, 404}:
        return None
    if response.status_code != 200:
        raise PlatformUnreachable(f"{client.base_url}{path} answers {response.status_code}: is the platform ready?")
    return response.content


def _decode(raw: bytes, kind: type[_Answer], path: str) -> _Answer:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        raise PlatformUnreachable(f"{path} answers something else than a platform does: {error}") from error
