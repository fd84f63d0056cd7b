"""Admission as a process holds it: the registry followed at once, the clock doubted, quotas looked up."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from hydroalert.admission import service
from hydroalert.admission.decide import Arrival, Decision, Rules, decide
from hydroalert.admission.service import Admission, Settings
from hydroalert.domain.errors import SecretsError
from hydroalert.domain.registry import Registry
from hydroalert.store import Connection, Pool
from hydroalert.store.devices import revoke_device, rotate_key
from hydroalert.store.sealing import Sealer, check_master_key
from tests.admission.gauges import Gauge, register

PATIENCE_S = 20
AT_ONCE_S = 1.5
"""Below the two seconds after which admission looks by itself: what is sooner was heard."""


@pytest.fixture
async def admission(database_url: str, pool: Pool, sealer: Sealer) -> AsyncIterator[Admission]:
    """Running, and ready."""
    made = Admission(database_url, pool, sealer, Settings(rows_per_hour=100))
    running = asyncio.create_task(made.run(), name="registry")
    async with asyncio.timeout(PATIENCE_S):
        await made.ready.wait()
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def until(holds: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    """Wait for it, or fail."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - what it looks at sets no event
            await asyncio.sleep(0.005)


def reason(admission: Admission, arrival: Arrival) -> str | None:
    """How it is judged now."""
    return admission.judge([arrival])[0].first_reason


def now_frame(gauge: Gauge, after_s: float = 0) -> Arrival:
    """A frame of a level as of now."""
    body = f'[{{"n":"level","t":{time.time() + after_s:.3f},"v":1}}]'
    return gauge.frame(body.encode())


async def test_a_new_device_is_known_as_soon_as_it_is_registered(
    admission: Admission, connection: Connection, sealer: Sealer
) -> None:
    gauge = await register(connection, sealer)
    await until(lambda: reason(admission, now_frame(gauge)) is None, AT_ONCE_S)


async def test_a_rotated_key_is_good_at_once_and_the_former_with_it(
    admission: Admission, connection: Connection, sealer: Sealer, gauge: Gauge
) -> None:
    async with connection.transaction():
        rotated = await rotate_key(connection, sealer, gauge.code, datetime.now(UTC), timedelta(hours=1))
    renewed = Gauge(gauge.code, bytes.fromhex(rotated.key_hex), rotated.key_id)
    await until(lambda: reason(admission, now_frame(renewed)) is None, AT_ONCE_S)
    assert reason(admission, now_frame(gauge)) is None


async def test_a_former_key_ends_with_its_overlap(
    admission: Admission, connection: Connection, sealer: Sealer, gauge: Gauge
) -> None:
    async with connection.transaction():
        await rotate_key(connection, sealer, gauge.code, datetime.now(UTC), timedelta(0))
    await until(lambda: reason(admission, now_frame(gauge)) == "unknown_key", AT_ONCE_S)


async def test_a_revoked_device_is_out_at_once(admission: Admission, connection: Connection, gauge: Gauge) -> None:
    await until(lambda: reason(admission, now_frame(gauge)) is None)
    await revoke_device(connection, gauge.code, datetime.now(UTC))
    await until(lambda: reason(admission, now_frame(gauge)) == "revoked_device", AT_ONCE_S)


async def test_what_changed_while_the_database_was_away_is_known_afterwards(
    admission: Admission, connection: Connection, gauge: Gauge
) -> None:
    await until(lambda: reason(admission, now_frame(gauge)) is None)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await revoke_device(connection, gauge.code, datetime.now(UTC))
    await until(lambda: reason(admission, now_frame(gauge)) == "revoked_device")


async def test_five_minutes_ahead_is_admitted_and_more_is_not(admission: Admission, gauge: Gauge) -> None:
    await until(lambda: gauge.code in admission.registry)
    assert reason(admission, now_frame(gauge, 295)) is None
    assert reason(admission, now_frame(gauge, 305)) == "time_in_future"


async def test_a_clock_in_doubt_refuses_nothing_for_its_time(
    admission: Admission, connection: Connection, gauge: Gauge
) -> None:
    """What was stored last arrived tomorrow: it is this clock that is wrong (G10)."""
    await connection.execute("UPDATE platform SET newest_arrival = now() + interval '1 day'")
    await until(lambda: not admission.clock_is_good)
    await until(lambda: gauge.code in admission.registry)
    assert [reason(admission, now_frame(gauge, after_s)) for after_s in (86_400, -40 * 365 * 86_400)] == [None, None]
    assert reason(admission, gauge.frame(b'[{"n":"level","t":60,"v":1}]')) == "relative_time"


async def test_a_quota_that_is_spent_refuses_within_seconds(
    admission: Admission, connection: Connection, gauge: Gauge
) -> None:
    await connection.execute("INSERT INTO device_hour SELECT date_trunc('hour', now()), id, 100 FROM device")
    await until(lambda: reason(admission, now_frame(gauge)) == "over_quota")


async def test_admitting_stores_and_answers_in_one_call(
    admission: Admission, connection: Connection, gauge: Gauge
) -> None:
    await until(lambda: gauge.code in admission.registry)
    outcome = await admission.admit([now_frame(gauge), gauge.frame(b"nonsense")])
    assert [one.first_reason for one in outcome.decisions] == [None, "bad_body"]
    assert [(one.device, len(outcome.settled)) for one in outcome.receipts] == [(gauge.code, 2)]
    assert await connection.fetchval("SELECT count(*) FROM observation") == 1


async def test_with_another_master_key_it_ends_instead_of_refusing_everybody(
    database_url: str, pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    await check_master_key(connection, sealer)
    strange = Admission(database_url, pool, Sealer(bytes(32)), Settings())
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(SecretsError, match="another master key"):
            await strange.run()
    assert not strange.ready.is_set()


async def test_a_key_that_has_ended_stays_ended_however_far_the_clock_goes_back(
    admission: Admission, connection: Connection, sealer: Sealer, gauge: Gauge
) -> None:
    """A thief who can set the platform's clock back does not revive a key that was rotated away."""
    async with connection.transaction():
        rotated = await rotate_key(connection, sealer, gauge.code, datetime.now(UTC), timedelta(0))
    renewed = Gauge(gauge.code, bytes.fromhex(rotated.key_hex), rotated.key_id)
    await until(lambda: reason(admission, now_frame(gauge)) == "unknown_key")
    await connection.execute("UPDATE platform SET newest_arrival = now() + interval '1 day'")
    await until(lambda: not admission.clock_is_good)
    rules = admission.rules(0)
    judged = [decide(now_frame(one), admission.registry, rules).first_reason for one in (gauge, renewed)]
    assert judged == ["unknown_key", None]


async def test_a_fault_in_judging_one_frame_refuses_that_one_only(
    admission: Admission, connection: Connection, gauge: Gauge, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(lambda: gauge.code in admission.registry)
    good, faulty = now_frame(gauge), now_frame(gauge)

    def fails_on_one(arrival: Arrival, registry: Registry, rules: Rules) -> Decision:
        if arrival is faulty:
            raise ZeroDivisionError
        return decide(arrival, registry, rules)

    monkeypatch.setattr(service, "decide", fails_on_one)
    outcome = await admission.admit([faulty, good])
    assert [(one.first_reason, one.authentic) for one in outcome.decisions] == [("malformed", False), (None, True)]
    assert [one.arrival for one in outcome.settled] == [good]
    assert await connection.fetchval("SELECT count(*) FROM observation") == 1
