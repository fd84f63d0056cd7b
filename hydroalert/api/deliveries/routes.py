"""`/api/v1/deliveries`: what was told to whom, what waits, what is dead; and sending it again."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from hydroalert.api import cursors
from hydroalert.api.callers.may import may
from hydroalert.api.deliveries.views import Delivery, DeliveryPage, show_delivery
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.errors import InvalidInput
from hydroalert.store import deliveries as store
from hydroalert.store.reading import reading
from hydroalert.store.subscriptions import is_name
from hydroalert.store.writing import writing

_LAST = 2**63 - 1

_Id = Annotated[int, PathParameter(description="The delivery's number", ge=1, le=_LAST)]


@get(
    "/api/v1/deliveries",
    tags=["notifications"],
    summary="What was told to whom, what waits, what is dead",
    guards=[may(Role.VIEWER, Scope.SUBSCRIPTIONS)],
    responses=documented(400, 503),
)
async def list_all_deliveries(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    reached: Annotated[store.State | None, QueryParameter(name="state", description="Only those in this state")] = None,
    subscription: Annotated[str | None, QueryParameter(description="Only those to this one")] = None,
    limit: Annotated[int, QueryParameter(description="Deliveries a page", ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
) -> Response[DeliveryPage]:
    """The newest first."""
    if subscription is not None and not is_name(subscription):
        raise InvalidInput("no subscription can have this name", "subscription")
    question = f"deliveries {reached} {subscription}"
    before = _LAST if cursor is None else cursors.unseal(services.cursor_key, question, cursor, int)
    async with reading(services.readings) as connection:
        found = await store.list_deliveries(
            connection, state=reached, subscription=subscription, before_id=before, limit=limit + 1
        )
    following = None
    if len(found) > limit:
        following = cursors.seal(services.cursor_key, question, found[limit - 1].id)
    page = DeliveryPage([show_delivery(one) for one in found[:limit]], following)
    return Response(page, headers=cursors.next_link(request, following))


@get(
    "/api/v1/deliveries/{delivery:int}",
    tags=["notifications"],
    summary="One delivery",
    guards=[may(Role.VIEWER, Scope.SUBSCRIPTIONS)],
    responses=documented(400, 404, 503),
)
async def read_one_delivery(delivery: _Id, services: NamedDependency[Services]) -> Delivery:
    """How far it came, and why not further."""
    async with reading(services.readings) as connection:
        return show_delivery(await store.read_delivery(connection, delivery))


@post(
    "/api/v1/deliveries/{delivery:int}/resend",
    tags=["notifications"],
    summary="Send a delivery again",
    guards=[may(Role.ADMIN, Scope.SUBSCRIPTIONS)],
    status_code=200,
    responses=documented(400, 404, 409, 503),
)
async def resend_delivery(
    delivery: _Id, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Delivery:
    """Under the same id. 409 where it is on its way, its subscription is disabled, or a newer one tells of it."""
    async with writing(services.writings, caller.actor) as connection:
        await store.resend(connection, delivery)
        return show_delivery(await store.read_delivery(connection, delivery))
