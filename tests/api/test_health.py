"""Laws of `/health` and `/metrics`."""

import re
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


async def add_alerter(world: World, alive_for: timedelta = timedelta(seconds=30)) -> None:
    await world.connection.execute("INSERT INTO alerter VALUES ($1, now() + $2)", uuid.uuid4(), alive_for)


async def test_it_is_ready_while_broker_bridge_database_and_clock_are(world: World, with_broker: Services) -> None:
    await add_worker(world, timedelta(seconds=30))
    await add_alerter(world)
    async with inside(with_broker) as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])


async def test_without_a_living_worker_it_is_not_ready(world: World, with_broker: Services) -> None:
    await add_worker(world, timedelta(seconds=-1))
    await add_alerter(world)
    async with inside(with_broker) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert [reason.split(":")[0] for reason in answer.json()["reasons"]] == ["bridge"]


async def test_without_a_living_alerting_process_it_is_not_ready(world: World, with_broker: Services) -> None:
    await add_worker(world, timedelta(seconds=30))
    await add_alerter(world, timedelta(seconds=-1))
    async with inside(with_broker) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert [reason.split(":")[0] for reason in answer.json()["reasons"]] == ["alerting"]


async def test_a_missing_echo_fails_its_check_and_warns_but_does_not_take_the_api_away(
    world: World, with_broker: Services
) -> None:
    await add_worker(world, timedelta(seconds=30))
    await add_alerter(world)
    await world.connection.execute("UPDATE canary SET echoed_at = now() - interval '45 minutes', delay_s = 0.25")
    async with inside(with_broker) as client:
        answer = await client.get("/health/ready")
        details = (await client.get("/health/detailed")).json()
        metrics = samples_of((await client.get("/metrics")).text)
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])
    (warning,) = [one for one in answer.json()["warnings"] if one.startswith("canary")]
    assert re.search(r"no canary came the whole way for 27\d\d s", warning)
    assert {"canary": "failed"}.items() <= {one["name"]: one["verdict"] for one in details["checks"]}.items()
    assert 45 * 60 <= metrics["hydroalert_canary_echo_seconds"] < 46 * 60
    assert metrics["hydroalert_canary_delay_seconds"] == details["alerting"]["echo_delay_s"] == 0.25


async def test_what_waits_to_be_judged_or_told_is_counted_with_its_age(world: World, with_broker: Services) -> None:
    await add_alerter(world)
    await world.connection.execute(
        "INSERT INTO due (datastream_id, since, at) VALUES (1, now(), now() - interval '70 s'), (2, now(), now())"
    )
    async with inside(with_broker) as client:
        details = (await client.get("/health/detailed")).json()
        metrics = samples_of((await client.get("/metrics")).text)
    assert metrics["hydroalert_due"] == details["alerting"]["due"] == 2
    assert 70 <= metrics["hydroalert_due_seconds"] < 300
    (judging,) = [one for one in details["checks"] if one["name"] == "judging"]
    assert judging["verdict"] == "failed"
    assert "2 readings wait to be judged" in judging["detail"]


def samples_of(metrics: str) -> dict[str, float]:
    """The value of each metric; of one with labels, its last."""
    return {s.name: s.value for family in text_string_to_metric_families(metrics) for s in family.samples}


async def test_a_broker_that_refuses_the_platform_is_not_ready(
    world: World, services: Services, mosquitto: Broker
) -> None:
    await add_worker(world, timedelta(seconds=30))
    await add_alerter(world)
    stranger = replace(services, broker=BrokerProbe(mosquitto.url, password="not the password"))
    async with inside(stranger) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert [reason.split(":")[0] for reason in answer.json()["reasons"]] == ["broker"]


async def test_a_clock_behind_the_newest_arrival_is_not_ready(world: World, with_broker: Services) -> None:
    await add_worker(world, timedelta(seconds=30))
    await add_alerter(world)
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
    assert {"database", "bridge", "alerting"} <= {reason.split(":")[0] for reason in answer.json()["reasons"]}


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
    samples = samples_of(metrics)
    assert samples["hydroalert_bridge_lag_frames"] == 42
    assert samples["hydroalert_bridge_workers"] == 2
    assert samples["hydroalert_broker_up"] == 1
    # A broker need not tell: it publishes this counter some seconds after its start, and then only when it changes.
    assert samples.get("hydroalert_broker_dropped_messages_total") == details["broker"]["dropped"]
    assert details["broker"]["dropped"] in (0, None)
