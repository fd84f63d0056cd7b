"""`/api/v1/subscriptions`: who is told of alerts, where, and of which; the command line calls the same functions."""

import secrets
from typing import Annotated

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from hydroalert.api.callers.may import may
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.subscriptions.views import (
    Changes,
    NewSubscription,
    Subscribed,
    Subscription,
    SubscriptionList,
    changed,
    show_subscription,
)
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.store import Connection
from hydroalert.store.reading import reading
from hydroalert.store.sealing import check_master_key
from hydroalert.store.subscriptions import (
    DISABLED,
    add_subscription,
    change_subscription,
    disable_subscription,
    enable_subscription,
    list_subscriptions,
    read_subscription,
    remove_subscription,
)
from hydroalert.store.writing import writing
from hydroalert.wire.addresses import parse_address
from hydroalert.wire.webhooks import SECRET_BYTES

MAX_BODY_BYTES = 16 * 1024

_Name = Annotated[str, PathParameter(description="The subscription's name")]


@get(
    "/api/v1/subscriptions",
    tags=["notifications"],
    summary="Who is told of alerts",
    guards=[may(Role.VIEWER, Scope.SUBSCRIPTIONS)],
    responses=documented(503),
)
async def list_all_subscriptions(services: NamedDependency[Services]) -> SubscriptionList:
    """By name; addresses without their secrets."""
    async with reading(services.readings) as connection:
        found = await list_subscriptions(connection)
    return SubscriptionList([show_subscription(one) for one in found])


@get(
    "/api/v1/subscriptions/{name:str}",
    tags=["notifications"],
    summary="One subscription",
    guards=[may(Role.VIEWER, Scope.SUBSCRIPTIONS)],
    responses=documented(404, 503),
)
async def read_one_subscription(name: _Name, services: NamedDependency[Services]) -> Subscription:
    """Its address without its secrets."""
    async with reading(services.readings) as connection:
        return show_subscription(await read_subscription(connection, name))


@post(
    "/api/v1/subscriptions",
    tags=["notifications"],
    summary="Subscribe a webhook, or any address that Apprise knows",
    guards=[may(Role.ADMIN, Scope.SUBSCRIPTIONS)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 409, 413, 503),
)
async def post_subscription(
    data: JSONBody[NewSubscription], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Subscribed:
    """It hears of what happens from now on. A webhook's secret is shown in this answer only."""
    address = parse_address(data.to, secrets.token_bytes(SECRET_BYTES))
    async with writing(services.writings, caller.actor) as connection:
        await check_master_key(connection, services.sealer)
        await add_subscription(connection, services.sealer, data.name, address, data)
        return Subscribed(show_subscription(await read_subscription(connection, data.name)), address.secret)


@patch(
    "/api/v1/subscriptions/{name:str}",
    tags=["notifications"],
    summary="Let a subscription hear something else, or nothing",
    guards=[may(Role.ADMIN, Scope.SUBSCRIPTIONS)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 413, 503),
)
async def patch_subscription(
    name: _Name, data: JSONBody[Changes], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Subscription:
    """Its address and its secret stay; what waits for one that is disabled is dead and may be resent."""
    async with writing(services.writings, caller.actor) as connection:
        await change_subscription(connection, name, changed(await read_subscription(connection, name), data))
        await _switch(connection, name, data)
        return show_subscription(await read_subscription(connection, name))


@delete(
    "/api/v1/subscriptions/{name:str}",
    tags=["notifications"],
    summary="Forget a subscription with all of its deliveries",
    guards=[may(Role.ADMIN, Scope.SUBSCRIPTIONS)],
    responses=documented(404, 503),
)
async def delete_subscription(
    name: _Name, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> None:
    """To keep what it was told, disable it instead."""
    async with writing(services.writings, caller.actor) as connection:
        await remove_subscription(connection, name)


async def _switch(connection: Connection, name: str, changes: Changes) -> None:
    if changes.enabled is True:
        await enable_subscription(connection, name)
    elif changes.enabled is False:
        await disable_subscription(connection, name, DISABLED)
