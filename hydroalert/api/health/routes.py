"""`/health`: alive; `/health/ready`: fit for traffic; `/health/detailed`: everything, for the machine itself."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from hydroalert.api.callers.may import anyone, may
from hydroalert.api.health.broker import BrokerState
from hydroalert.api.health.checks import (
    DECIDING,
    Check,
    Verdict,
    check_alerting,
    check_audit,
    check_bridge,
    check_broker,
    check_clock,
    check_database,
    worst,
)
from hydroalert.api.health.kernel_clock import is_kernel_clock_synchronised
from hydroalert.api.services import Services
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.errors import Unavailable
from hydroalert.domain.watch import Facts
from hydroalert.store import Connection, reading_health
from hydroalert.store.reading import reading
from hydroalert.store.reading_devices import Refused
from hydroalert.store.reading_health import Bridge, Counts, Pulse

Seen = TypeVar("Seen")


class Alive(msgspec.Struct, frozen=True):
    """This process answers."""

    status: Literal["alive"] = "alive"


class Readiness(msgspec.Struct, frozen=True):
    """Whether the platform does its work; `reasons` say why not, `warnings` what is amiss though it does."""

    ready: bool
    reasons: list[str]
    warnings: list[str]
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
    alerting: Facts | None
    counts: Counts | None
    refused: dict[str, Refused]
    disk: Disk | None


@get("/health", tags=["health"], summary="Liveness", sync_to_thread=False, guards=[anyone(rate=None)])
def read_liveness() -> Alive:
    """200 while this process answers; says nothing of what it depends on."""
    return Alive()


@get(
    "/health/ready",
    tags=["health"],
    summary="Readiness",
    guards=[anyone()],
    responses={503: ResponseSpec(Readiness, generate_examples=False, description="Not ready, and why")},
)
async def read_readiness(services: NamedDependency[Services]) -> Response[Readiness]:
    """200 while database, broker, at least one bridge worker and alerting process, and the clock are fit; else 503."""
    broker, (latency_s, vitals) = await asyncio.gather(services.broker.state(), _look(services, reading_health.pulse))
    # To whom is not on this machine, only what was checked: no addresses.
    shown = [Check(one.name, one.verdict, _public(one)) for one in _checks(services, broker, latency_s, vitals)]
    amiss = [one for one in shown if one.verdict != "ok"]
    reasons = [f"{one.name}: {one.detail}" for one in amiss if one.verdict == "failed" and one.name in DECIDING]
    warnings = [f"{one.name}: {one.detail}" for one in amiss if f"{one.name}: {one.detail}" not in reasons]
    return Response(Readiness(not reasons, reasons, warnings, shown), status_code=503 if reasons else 200)


@get(
    "/health/detailed",
    tags=["health"],
    summary="Everything about the platform's health",
    guards=[may(Role.VIEWER, Scope.METRICS, machine=True)],
)
async def read_details(services: NamedDependency[Services]) -> Details:
    """Database, broker, bridge lag, disk, counts, and what to do where something is not well."""
    broker, (latency_s, vitals) = await asyncio.gather(services.broker.state(), _look(services, reading_health.vitals))
    checks = _checks(services, broker, latency_s, vitals.pulse if vitals else None)
    checks.append(check_audit(vitals is not None, vitals.audit_open_to if vitals else None))
    return Details(
        verdict=worst(checks),
        checks=checks,
        database=Database(round(latency_s * 1000, 3), vitals.size_bytes) if vitals and latency_s else None,
        broker=Broker(broker.reachable, broker.dropped),
        bridge=vitals.pulse.bridge if vitals else None,
        alerting=vitals.pulse.alerting if vitals else None,
        counts=vitals.counts if vitals else None,
        refused=vitals.refused if vitals else {},
        disk=_disk(services),
    )


def _public(check: Check) -> str:
    """What a stranger may read: the broker's own words stay on this machine."""
    return "cannot connect" if (check.name, check.verdict) == ("broker", "failed") else check.detail


def _checks(services: Services, broker: BrokerState, latency_s: float | None, pulse: Pulse | None) -> list[Check]:
    return [
        check_database(latency_s),
        check_broker(broker),
        check_bridge(pulse.bridge if pulse else None),
        *check_alerting(pulse.alerting if pulse else None),
        check_clock(services.clock(), pulse.newest_arrival if pulse else None, is_kernel_clock_synchronised()),
    ]


async def _look(services: Services, read: Callable[[Connection], Awaitable[Seen]]) -> tuple[float | None, Seen | None]:
    """Seconds until the database answered, and what it said; None where it did not."""
    start_s = time.perf_counter()
    try:
        async with reading(services.readings) as connection:
            seen = await read(connection)
    except Unavailable:
        return None, None
    return time.perf_counter() - start_s, seen


def _disk(services: Services) -> Disk | None:
    try:
        usage = shutil.disk_usage(services.data_dir)
    except OSError:
        return None
    return Disk(usage.free, usage.total)
