"""Why there is an alert, and why there is none: for viewers and those above them."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from hydroalert.api.alerts.routes import AlertId
from hydroalert.api.alerts.views import AlertWhy, AreaWhy, show_alert, show_area_why, show_reason, show_remark
from hydroalert.api.callers.may import may
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import NotFound
from hydroalert.store import reading_alerts as store
from hydroalert.store.reading import reading


@get(
    "/api/v1/alerts/{alert:uuid}/why",
    tags=["alerts"],
    summary="Why an alert came and changed",
    guards=[may(Role.VIEWER, Scope.ALERTS_READ)],
    responses=documented(400, 404, 503),
)
async def explain_alert(alert: AlertId, services: NamedDependency[Services]) -> AlertWhy:
    """Of each revision the rules' versions, values, flags and times, or who did it; and what people said."""
    async with reading(services.readings) as connection:
        found = await store.find_alert(connection, alert, operators=True)
        if found is None:
            raise NotFound(f"there is no alert {alert}")
        revisions = await store.revisions_of(connection, alert, operators=True)
        remarks = await store.remarks_on(connection, alert)
    return AlertWhy(
        show_alert(found, operators=True),
        [show_reason(one) for one in revisions],
        [show_remark(one) for one in remarks],
    )


@get(
    "/api/v1/areas/{area:str}/why",
    tags=["alerts"],
    summary="Why an area stands as it does, or stayed quiet",
    guards=[may(Role.VIEWER, Scope.ALERTS_READ)],
    responses=documented(400, 404, 503),
)
async def explain_area(
    area: Annotated[str, PathParameter(description="The area's code")],
    services: NamedDependency[Services],
    drill: Annotated[bool, QueryParameter(description="Of its exercises instead")] = False,
) -> AreaWhy:
    """What each rule found at each of its datastreams when the area was last judged, reached or not."""
    judged = None
    if is_code(area):
        async with reading(services.readings) as connection:
            judged = await store.read_judged(connection, area, services.clock(), drill=drill)
    if judged is None:
        raise NotFound(f"there is no area {area!r}")
    return show_area_why(area, judged)
