"""The platform from frame to follower, on a broker of its own, as an operator starts it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.areas import prepare_areas
from benchmarks.stage import Stage
from hydroalert.embedded.child import Child
from hydroalert.embedded.mosquitto import Broker


@dataclass(frozen=True)
class Platform:
    """Where it is reached, and its processes by name."""

    broker: Broker
    http_url: str
    processes: Mapping[str, Child]


@asynccontextmanager
async def platform(stage: Stage) -> AsyncIterator[Platform]:
    """Bridge, alerting and api, with the areas that are to be warned."""
    await stage.forget()
    async with stage.broker() as (broker, broker_child):
        await prepare_areas(stage, broker)
        async with (
            stage.bridge(broker) as bridge,
            stage.alerting(broker) as alerting,
            stage.api(broker) as (http_url, api),
        ):
            processes = {
                "alerting": alerting, "bridge": bridge, "api": api, "broker": broker_child, "database": stage.postgres,
            }  # fmt: skip
            yield Platform(broker, http_url, processes)
