"""`/health`: alive; `/health/ready`: fit for traffic; `/health/detailed`: everything, for the machine itself."""

import asyncio
import shutil
import time
from datetime import datetime
from typing import Literal

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from hydroalert.api.health.checks import (
    Check,
    Verdict,
    check_bridge,
    check_broker,
    check_clock,
    check_database,
    worst,
)
from hydroalert.api.health.kernel_clock import is_kernel_clock_synchronised
from hydroalert.api.loopback import only_from_loopback
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.errors import Unavailable
from hydroalert.store import reading_health
from hydroalert.store.reading import reading
from hydroalert.store.reading_devices import Refused
from hydroalert.store.reading_health import Bridge, Counts, Vitals


class Alive(msgspec.Struct, frozen=True):
    """This process answers."""

    status: Literal["alive"] = "alive"


class Readiness(msgspec.Struct, frozen=True):
    """Whether the platform does its work; `reasons` say why not."""

    ready: bool
    reasons: list[str]
    checks: list[Check]


class Database(msgspec.Struct, frozen=True):
    """`latency_ms`: borrowing a connection and looking at everything."""

    latency_ms: float
    size_bytes: int


class Broker(msgspec.Struct, frozen=True):
    """`dropped`: messages since the broker started; null where it does not tell."""

    reachable: bool
    dropped: int | None


class Disk(msgspec.Struct, frozen=True):
    """The disk that holds the data directory."""

    free_bytes: int
    total_bytes: int


class Details(msgspec.Struct, frozen=True):
    """Everything; null is what could not be found out."""

    verdict: Verdict
    checks: list[Check]
    database: Database | None
    broker: Broker
    bridge: Bridge | None
    counts: Counts | None
    refused: dict[str, Refused]
    disk: Disk | None


@get("/health", tags=["health"], summary="Liveness", sync_to_thread=False)
def read_liveness() -> Alive:
    """200 while this process answers; says nothing of what it depends on."""
    return Alive()


@get(
    "/health/ready",
    tags=["health"],
    summary="Readiness",
    responses={503: ResponseSpec(Readiness, generate_examples=False, description="Not ready, and why")},
)
async def read_readiness(services: NamedDependency[Services]) -> Response[Readiness]:
    """200 while database, broker, at least one bridge worker and the clock are fit; else 503 with the reasons."""
    broker, (latency_s, bridge, newest_arrival) = await asyncio.gather(services.broker.state(), _pulse(services))
    checks = [
        check_database(latency_s),
        check_broker(broker),
        check_bridge(bridge),
        check_clock(services.clock(), newest_arrival, is_kernel_clock_synchronised()),
    ]
    # To whom is not on this machine, only what was checked: no addresses.
    reasons = [f"{one.name}: {_public(one)}" for one in checks if one.verdict == "failed"]
    shown = [Check(one.name, one.verdict, _public(one)) for one in checks]
    return Response(Readiness(not reasons, reasons, shown), status_code=503 if reasons else 200)


@get(
    "/health/detailed",
    tags=["health"],
    summary="Everything about the platform's health (loopback only)",
    guards=[only_from_loopback],
    responses=documented(403),
)
async def read_details(services: NamedDependency[Services]) -> Details:
    """Database, broker, bridge lag, disk, counts, and what to do where something is not well."""
    broker, (latency_s, vitals) = await asyncio.gather(services.broker.state(), _vitals(services))
    newest = vitals.newest_arrival if vitals else None
    checks = [
        check_database(latency_s),
        check_broker(broker),
        check_bridge(vitals.bridge if vitals else None),
        check_clock(services.clock(), newest, is_kernel_clock_synchronised()),
    ]
    return Details(
        verdict=worst(checks),
        checks=checks,
        database=Database(round(latency_s * 1000, 3), vitals.size_bytes) if vitals and latency_s else None,
        broker=Broker(broker.reachable, broker.dropped),
        bridge=vitals.bridge if vitals else None,
        counts=vitals.counts if vitals else None,
        refused=vitals.refused if vitals else {},
        disk=_disk(services),
    )


def _public(check: Check) -> str:
    """What a stranger may read: the broker's own words stay on this machine."""
    return "cannot connect" if (check.name, check.verdict) == ("broker", "failed") else check.detail


async def _pulse(services: Services) -> tuple[float | None, Bridge | None, datetime | None]:
    """Seconds until the database answered, the bridge, and the newest arrival; None where it did not."""
    start_s = time.perf_counter()
    try:
        async with reading(services.readings) as connection:
            bridge = await reading_health.bridge(connection)
            newest = await reading_health.newest_arrival(connection)
    except Unavailable:
        return None, None, None
    return time.perf_counter() - start_s, bridge, newest


async def _vitals(services: Services) -> tuple[float | None, Vitals | None]:
    start_s = time.perf_counter()
    try:
        async with reading(services.readings) as connection:
            vitals = await reading_health.vitals(connection)
    except Unavailable:
        return None, None
    return time.perf_counter() - start_s, vitals


def _disk(services: Services) -> Disk | None:
    try:
        usage = shutil.disk_usage(services.data_dir)
    except OSError:
        return None
    return Disk(usage.free, usage.total)
