"""`POST /api/v1/frames/{device}`: the same frame bytes as over MQTT."""

import time
from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter

from hydroalert.api.bodies import read_body
from hydroalert.api.callers.may import anyone
from hydroalert.api.documenting import FrameInReceiptOut
from hydroalert.api.frames import gate
from hydroalert.api.frames.gate import Admits
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.clock import to_ms
from hydroalert.domain.errors import Unavailable
from hydroalert.wire.frame import MAX_FRAME_BYTES

_OCTETS = "application/octet-stream"


@post(
    "/api/v1/frames/{device:str}",
    status_code=200,
    media_type=_OCTETS,
    tags=["frames"],
    summary="Send one signed frame; the answer is its signed receipt",
    guards=[anyone(rate=None)],
    operation_class=FrameInReceiptOut,
    request_max_body_size=MAX_FRAME_BYTES,
    responses={
        200: ResponseSpec(bytes, generate_examples=False, description="The receipt (SPEC 7)", media_type=_OCTETS),
        **documented(400, 401, 408, 413, 429, 503),
    },
)
async def post_frame(
    device: Annotated[str, PathParameter(description="The device's code, as it stands in its topic")],
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
) -> Response[bytes]:
    """The tag covers the topic that the frame would have had over MQTT: `status` for content 2, else `frames`.

    200 means settled: stored, known already, or refused and kept; the receipt says which. Anything else means
    that the device keeps its frame. A sender that is not proven is counted in memory and written nowhere.
    """
    _spend_token(services, request)
    admission = _ready_admission(services)
    arrival = gate.arrival_of(device, await read_body(request))
    decision = gate.judge(admission, arrival)
    if not decision.authentic:
        services.meters.frames.labels(decision.reason or "bad_tag").inc()
        raise gate.refusal(decision.reason)
    settled = await gate.settle(admission, arrival, to_ms(services.clock()))
    if settled is None:
        services.meters.frames.labels("no_room").inc()
        raise gate.no_room()
    services.meters.frames.labels(settled[0].first_reason or "stored").inc()
    return Response(settled[1], media_type=_OCTETS)


def _spend_token(services: Services, request: Request[Any, Any, Any]) -> None:
    wait_s = services.limiter.wait_s(request.client.host if request.client else "", time.monotonic())
    if wait_s:
        services.meters.frames.labels("too_many").inc()
        raise gate.too_many(wait_s)


def _ready_admission(services: Services) -> Admits:
    admission = services.admission
    if admission is None or not admission.ready.is_set():
        raise Unavailable("the registry of devices is not read yet: keep the frame and send it again")
    if not admission.clock_is_good:
        raise Unavailable("the platform doubts its own clock: keep the frame and send it again")
    return admission
