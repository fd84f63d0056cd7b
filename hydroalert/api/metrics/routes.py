"""`/metrics`: the platform and this process, for Prometheus."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from hydroalert.api.callers.may import may
from hydroalert.api.metrics.platform import PlatformCollector
from hydroalert.api.services import Services
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.errors import Unavailable
from hydroalert.store import reading_health
from hydroalert.store.reading import reading
from hydroalert.store.reading_health import Vitals


@get(
    "/metrics",
    media_type="text/plain",
    tags=["health"],
    summary="Metrics for Prometheus",
    guards=[may(Role.VIEWER, Scope.METRICS, machine=True)],
)
async def read_metrics(services: NamedDependency[Services]) -> Response[bytes]:
    """Answers with what there is even when the database does not."""
    platform = CollectorRegistry()
    vitals, broker = await asyncio.gather(_vitals(services), services.broker.state())
    platform.register(PlatformCollector(vitals, broker, services.live.clients))
    text = generate_latest(platform) + generate_latest(services.meters.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


async def _vitals(services: Services) -> Vitals | None:
    try:
        async with reading(services.readings) as connection:
            return await reading_health.vitals(connection)
    except Unavailable:
        return None
