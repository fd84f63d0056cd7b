"""What administrators change of devices; the command line calls the same functions."""

import asyncio
from datetime import timedelta
from typing import Annotated

from litestar import Response, patch, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from hydroalert.api.callers.may import may
from hydroalert.api.devices.given import (
    Broker,
    GivenDevice,
    GivenFilling,
    GivenQuota,
    GivenRotation,
    NewKey,
    RegisteredDevice,
    RevokedDevice,
    new_device,
    show_registered,
    show_rotated,
)
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.store.broker_changes import is_broker_told
from hydroalert.store.devices import (
    NewDatastream,
    add_datastreams,
    register_device,
    revoke_device,
    rotate_key,
    set_quota,
)
from hydroalert.store.reading import reading
from hydroalert.store.sealing import check_master_key
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 64 * 1024
_LOOKS_FOR_BRIDGE = 6
_PAUSE_S = 0.05
_NOT_KEPT = {"Cache-Control": "no-store"}

_DeviceCode = Annotated[str, PathParameter(description="The device's code")]
_DatastreamCode = Annotated[str, PathParameter(description="The datastream's code")]


@post(
    "/api/v1/devices",
    tags=["devices"],
    summary="Register a device; its key and password are in this answer only",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 409, 413, 503),
)
async def post_device(
    data: JSONBody[GivenDevice], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Response[RegisteredDevice]:
    """`broker`: whether the broker lets it in already; where it is `waiting`, a running bridge tells it."""
    async with writing(services.writings, caller.actor) as connection:
        await check_master_key(connection, services.sealer)
        now, new = services.clock(), new_device(data)
        registered = await register_device(connection, services.sealer, new, now, take_over=data.take_over)
    broker = await _broker_of(services, data.device)
    return Response(show_registered(registered, broker), headers=_NOT_KEPT)


@put(
    "/api/v1/devices/{device:str}/datastreams/{datastream:str}",
    tags=["devices"],
    summary="Let a device fill a datastream of its station",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=documented(400, 404, 409, 413, 503),
)
async def put_filling(
    device: _DeviceCode,
    datastream: _DatastreamCode,
    data: JSONBody[GivenFilling],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """409 where another fills it, unless it is taken over. What was refused meanwhile waits for a retry."""
    new = (NewDatastream(datastream, data.unit, data.interval_s),)
    async with writing(services.writings, caller.actor) as connection:
        await add_datastreams(connection, device, new, services.clock(), take_over=data.take_over)


@patch(
    "/api/v1/devices/{device:str}",
    tags=["devices"],
    summary="Set a device's quota",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=documented(400, 404, 413, 503),
)
async def patch_device(
    device: _DeviceCode,
    data: JSONBody[GivenQuota],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """What is over it is refused, and kept for a retry."""
    async with writing(services.writings, caller.actor) as connection:
        await set_quota(connection, device, data.rows_per_hour)


@post(
    "/api/v1/devices/{device:str}/keys",
    tags=["devices"],
    summary="Give a device a new key, which is in this answer only",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 409, 413, 503),
)
async def post_device_key(
    device: _DeviceCode,
    data: JSONBody[GivenRotation],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Response[NewKey]:
    """The former ones stay good for the overlap, a week unless said."""
    overlap = timedelta(seconds=data.overlap_s)
    async with writing(services.writings, caller.actor) as connection:
        await check_master_key(connection, services.sealer)
        rotated = await rotate_key(connection, services.sealer, device, services.clock(), overlap)
    return Response(show_rotated(rotated), headers=_NOT_KEPT)


@post(
    "/api/v1/devices/{device:str}/revoke",
    tags=["devices"],
    summary="Shut a device out, here and on the broker, for good",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    status_code=HTTP_200_OK,
    responses=documented(404, 503),
)
async def post_revocation(
    device: _DeviceCode, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> RevokedDevice:
    """Its frames are refused from now on; what it has stored stays."""
    async with writing(services.writings, caller.actor) as connection:
        await revoke_device(connection, device, services.clock())
    return RevokedDevice(device, await _broker_of(services, device))


async def _broker_of(services: Services, device: str) -> Broker:
    """A running bridge needs some hundredths of a second: it is worth looking more than once."""
    for _ in range(_LOOKS_FOR_BRIDGE):
        async with reading(services.readings) as connection:
            if await is_broker_told(connection, device):
                return "told"
        await asyncio.sleep(_PAUSE_S)
    return "waiting"
