"""`/api/v1/devices`: what each device sent and what came of it."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from hydroalert.api import cursors
from hydroalert.api.callers.may import may
from hydroalert.api.devices.views import Device, DevicePage, show_device
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import NotFound
from hydroalert.store import reading_devices as store
from hydroalert.store.reading import reading

_QUESTION = "devices"


@get(
    "/api/v1/devices",
    tags=["devices"],
    summary="Devices and what came of their frames",
    guards=[may(Role.VIEWER, Scope.FLEET_READ, machine=True)],
    responses=documented(400, 503),
)
async def list_devices(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    limit: Annotated[int, QueryParameter(description="Devices a page", ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
) -> Response[DevicePage]:
    """Ordered by code."""
    after = "" if cursor is None else cursors.unseal(services.cursor_key, _QUESTION, cursor, str)
    async with reading(services.readings) as connection:
        found = await store.all_devices(connection, after, limit + 1)
    following = None
    if len(found) > limit:
        following = cursors.seal(services.cursor_key, _QUESTION, found[limit - 1].code)
    page = DevicePage([show_device(one) for one in found[:limit]], following)
    return Response(page, headers=cursors.next_link(request, following))


@get(
    "/api/v1/devices/{device:str}",
    tags=["devices"],
    summary="One device",
    guards=[may(Role.VIEWER, Scope.FLEET_READ, machine=True)],
    responses=documented(404, 503),
)
async def read_device(
    device: Annotated[str, PathParameter(description="The device's code")], services: NamedDependency[Services]
) -> Device:
    """Keys (never their secrets), status, and what came of its frames."""
    if not is_code(device):
        raise NotFound(f"{device!r} is no device's code: lower-case letters, digits and hyphens")
    async with reading(services.readings) as connection:
        found = await store.device(connection, device)
    if found is None:
        raise NotFound(f"there is no device {device!r}")
    return show_device(found)
