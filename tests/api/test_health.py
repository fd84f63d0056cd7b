"""Laws of `/health` and `/metrics`."""

import uuid
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hydroalert.api.app import create_app
from hydroalert.api.health.broker import BrokerProbe
from hydroalert.api.services import Services
from hydroalert.embedded.mosquitto import Broker
from tests.api.world import World


def inside(services: Services) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(services)), base_url="http://127.0.0.1")


@pytest.fixture
def with_broker(services: Services, mosquitto: Broker) -> Services:
    """The same services with a real broker."""
    return replace(services, broker=BrokerProbe(mosquitto.url, password=mosquitto.bridge_password))


async def add_worker(world: World, alive_for: timedelta, lane_lag: int = 0) -> None:
    await world.connection.execute(
        "INSERT INTO worker (id, until, lane_lag) VALUES ($1, now() + $2, $3)", uuid.uuid4(), alive_for, lane_lag
    )


async def test_it_is_ready_while_broker_bridge_database_and_clock_are(world: World, with_broker: Services) -> None:
    await add_worker(world, timedelta(seconds=30))
    async with inside(with_broker) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])


async def test_without_a_living_worker_it_is_not_ready(world: World, with_broker: Services) -> None:
    await add_worker(world, timedelta(seconds=-1))
    async with inside(with_broker) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert [reason.split(":")[0] for reason in answer.json()["reasons"]] == ["bridge"]


async def test_a_broker_that_refuses_the_platform_is_not_ready(
    world: World, services: Services, mosquitto: Broker
) -> None:
    await add_worker(world, timedelta(seconds=30))
    stranger = replace(services, broker=BrokerProbe(mosquitto.url, password="not the password"))
    async with inside(stranger) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert [reason.split(":")[0] for reason in answer.json()["reasons"]] == ["broker"]


async def test_a_clock_behind_the_newest_arrival_is_not_ready(world: World, with_broker: Services) -> None:
    await add_worker(world, timedelta(seconds=30))
    await world.connection.execute("UPDATE platform SET newest_arrival = now() + interval '1 hour'")
    async with inside(with_broker) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert [reason.split(":")[0] for reason in answer.json()["reasons"]] == ["clock"]


async def test_a_database_that_is_away_is_not_ready_but_alive(with_broker: Services) -> None:
    await with_broker.readings.close()
    async with inside(with_broker) as client:
        answer = await client.get("/health/ready")
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/health/detailed")).json()["database"] is None
    assert answer.status_code == 503
    assert {"database", "bridge"} <= {reason.split(":")[0] for reason in answer.json()["reasons"]}


async def test_the_details_add_up_what_living_workers_hold(world: World, with_broker: Services) -> None:
    await add_worker(world, timedelta(seconds=30), lane_lag=40)
    await add_worker(world, timedelta(seconds=30), lane_lag=2)
    await add_worker(world, timedelta(seconds=-30), lane_lag=1000)
    await world.connection.execute(
        "INSERT INTO lane (holder, until) VALUES (gen_random_uuid(), now() + interval '9 s'), (NULL, DEFAULT), "
        "(gen_random_uuid(), now() - interval '9 s')"
    )
    await world.connection.execute(
        "INSERT INTO settlement (settled_at, datastream_ids, times, results, qualities, device_ids, frames, "
        "stored, duplicates, conflicts, refused_ids, refused_reasons, refused_frames, refused_records) VALUES "
        "(now() - interval '90 s', '{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}')"
    )
    await world.connection.execute(
        "INSERT INTO refusal_tally VALUES (0, 'unknown_device', 3, 0), (1, 'bad_body', 2, 0)"
    )
    async with inside(with_broker) as client:
        details = (await client.get("/health/detailed")).json()
        metrics = (await client.get("/metrics")).text
    bridge = details["bridge"]
    assert (bridge["workers"], bridge["lane_lag"], bridge["lanes_held"], bridge["lanes_free"]) == (2, 42, 1, 2)
    assert bridge["settlements"] == 1
    assert 90 <= bridge["oldest_s"] < 300
    assert details["database"]["size_bytes"] > 1_000_000
    assert details["refused"]["unknown_device"] == {"frames": 3, "records": 0}
    assert 'hydroalert_refused_total{reason="bad_body",what="frames"} 2.0' in metrics
    assert details["disk"]["free_bytes"] > 0
    assert details["broker"]["reachable"] is True
    samples = {s.name: s.value for family in text_string_to_metric_families(metrics) for s in family.samples}
    assert samples["hydroalert_bridge_lag_frames"] == 42
    assert samples["hydroalert_bridge_workers"] == 2
    assert samples["hydroalert_broker_up"] == 1
    assert samples["hydroalert_broker_dropped_messages_total"] == details["broker"]["dropped"] == 0
