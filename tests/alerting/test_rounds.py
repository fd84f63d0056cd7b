"""Rounds of alerting processes on a real database: what is due is judged once, whoever judges it and whoever dies."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from hydroalert.alerting.pulse import Pulse
from hydroalert.alerting.rounds import Rounds
from hydroalert.domain.rules import Release
from hydroalert.domain.severity import Severity
from hydroalert.store import Connection, Pool
from hydroalert.store.judging import claim_areas
from hydroalert.store.rules import save_rule
from hydroalert.store.sealing import Sealer
from hydroalert.store.waking import wake_areas
from tests.alerting.river import (
    VOICE,
    counts,
    flow,
    go_round,
    go_round_within,
    ladder_over,
    plant_area,
    revisions,
    snapshot,
)


async def test_an_observation_above_a_threshold_becomes_a_revision_told_to_everyone_at_once(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 2.0, 3.1, 4.2)
    await go_round(pool)
    assert await revisions(connection, area_id) == [(1, "raised", "flood", "moderate")]
    shown = await snapshot(connection, area_id)
    assert (shown["state"], shown["severity"], shown["revision"], shown["blind"]) == ("active", "moderate", 1, False)
    assert shown["alerts"][0]["causes"][0]["result"] == 4.2
    assert await counts(connection, "outbox", "cap_message", "due", "area_due") == [1, 1, 0, 0]


async def test_what_is_judged_again_without_news_makes_no_revision(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 3.1, 3.2)
    for _ in range(3):
        await go_round(pool)
        await connection.execute("UPDATE area_state SET judge_at = '-infinity' WHERE NOT drill")
    assert await revisions(connection, area_id) == [(1, "raised", "flood", "minor")]


async def test_values_that_rise_and_fall_make_one_alert_with_revisions_in_order(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    for minutes_ago, value in ((9, 3.1), (8, 5.5), (7, 5.6), (5, 4.5), (3, 2.0)):
        await flow(connection, level, value, ends=timedelta(minutes=minutes_ago))
        await go_round(pool)
    steps = [(number, step) for number, step, _, _ in await revisions(connection, area_id)]
    assert [number for number, _ in steps] == list(range(1, len(steps) + 1))
    assert [step for _, step in steps] == ["raised", "escalated", "escalated", "lowered", "cleared"]
    assert await connection.fetchval("SELECT count(DISTINCT alert_id) FROM revision") == 1
    types = [row[0] for row in await connection.fetch("SELECT message_type FROM cap_message ORDER BY revision")]
    assert types == ["Alert", "Update", "Update", "Update", "Cancel"]


async def test_a_judgement_that_is_killed_before_its_commit_has_not_happened_and_happens_once(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 3.5)
    held = asyncio.Event()

    async def judge_and_die() -> None:
        async with pool.acquire() as dying, dying.transaction():
            await go_round_within(dying)
            held.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(judge_and_die())
    await held.wait()
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE state = 'idle in transaction' AND datname = current_database()"
    )
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
    assert await revisions(connection, area_id) == []
    await go_round(pool)
    assert await revisions(connection, area_id) == [(1, "raised", "flood", "minor")]


async def test_many_processes_judge_many_areas_without_a_gap_or_a_double(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    planted = [await plant_area(connection, sealer, f"gauge-{number}") for number in range(1, 7)]
    for minutes_ago in (5, 4, 3, 2, 1):
        value = 6.0 if minutes_ago % 2 else 2.0
        for _, level in planted:
            await flow(connection, level, value, ends=timedelta(minutes=minutes_ago))
        await asyncio.gather(*(go_round(pool) for _ in range(4)))
    await go_round(pool)
    for area_id, _ in planted:
        found = await revisions(connection, area_id)
        assert [number for number, *_ in found] == list(range(1, len(found) + 1))
        assert [step for _, step, *_ in found if step in ("raised", "cleared")] == ["raised", "cleared"] * 2 + [
            "raised"
        ]


async def test_an_area_that_cannot_be_judged_holds_up_no_other_and_says_so(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    broken, level_of_broken = await plant_area(connection, sealer, "gauge-1")
    sound, level_of_sound = await plant_area(connection, sealer, "gauge-2")
    await connection.execute("UPDATE area_state SET memory = '{\"held\": 7}' WHERE area_id = $1", broken)
    for level in (level_of_broken, level_of_sound):
        await flow(connection, level, 3.5)
    await go_round(pool)
    assert await revisions(connection, sound) == [(1, "raised", "flood", "minor")]
    failure = await connection.fetchval("SELECT failure FROM area_state WHERE area_id = $1 AND NOT drill", broken)
    assert "ValidationError" in failure
    assert await claim_areas(connection, await connection.fetchval("SELECT now()"), 10) == []


async def test_while_the_clock_is_in_doubt_nothing_is_judged(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 3.5)
    await connection.execute("UPDATE platform SET newest_arrival = now() + interval '1 hour'")
    await go_round(pool)
    assert await revisions(connection, area_id) == []
    await connection.execute("UPDATE platform SET newest_arrival = now()")
    await go_round(pool)
    assert await revisions(connection, area_id) == [(1, "raised", "flood", "minor")]


async def test_an_area_whose_station_fell_silent_keeps_its_alert_and_says_since_when_it_is_blind(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 3.1, 4.1)
    await go_round(pool)
    await connection.execute("UPDATE datastream SET interval_s = 1 WHERE id = $1", level)
    await connection.execute("UPDATE observation SET phenomenon_time = phenomenon_time - interval '1 hour'")
    await connection.execute("UPDATE latest SET phenomenon_time = phenomenon_time - interval '1 hour'")
    await connection.execute("UPDATE area_state SET judge_at = '-infinity' WHERE NOT drill")
    await go_round(pool)
    steps = [(step, severity) for _, step, _, severity in await revisions(connection, area_id)]
    assert steps == [("raised", "moderate"), ("blinded", "moderate")]
    shown = await snapshot(connection, area_id)
    assert (shown["state"], shown["blind"], shown["severity"]) == ("active", True, "moderate")
    assert shown["blind_since"] is not None


async def test_the_snapshot_before_any_revision_is_numbered_nought_and_the_first_revision_one(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 1.0, ends=timedelta(minutes=5))
    await go_round(pool)
    assert (await snapshot(connection, area_id))["revision"] == 0
    await flow(connection, level, 5.5, 5.5)
    await go_round(pool)
    assert await revisions(connection, area_id) == [(1, "raised", "flood", "severe")]


async def test_an_area_that_goes_blind_behind_an_alert_for_operators_only_is_told_to_be_blind(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    asked = Release(Severity.MINOR, then="ask", after_s=24 * 3600)
    async with connection.transaction():
        await save_rule(connection, "by-gauge-1", ladder_over("at-gauge-1", release=asked), "tests")
    await flow(connection, level, 4.5, 4.6)
    await go_round(pool)
    await connection.execute("UPDATE datastream SET interval_s = 1 WHERE id = $1", level)
    await connection.execute("UPDATE observation SET phenomenon_time = phenomenon_time - interval '1 hour'")
    await connection.execute("UPDATE area_state SET judge_at = '-infinity' WHERE NOT drill")
    await go_round(pool)
    assert [step for _, step, _, _ in await revisions(connection, area_id)] == ["raised", "blinded"]
    shown = await snapshot(connection, area_id)
    assert (shown["state"], shown["blind"], shown["alerts"]) == ("cleared", True, [])
    assert await connection.fetch("SELECT revision FROM outbox") == [(2,)]
    assert await counts(connection, "cap_message") == [0]


async def test_of_more_areas_than_can_be_judged_at_once_the_one_that_waited_longest_goes_first(
    connection: Connection, sealer: Sealer
) -> None:
    first, _ = await plant_area(connection, sealer)
    other, _ = await plant_area(connection, sealer, "gauge-2")
    for judged, passed_over in ((first, other), (other, first)):
        await connection.execute("UPDATE area_state SET judged_at = clock_timestamp() WHERE area_id = $1", judged)
        async with connection.transaction():
            assert [one.area_id for one in await claim_areas(connection, datetime.now(UTC), 1)] == [passed_over]
        await wake_areas(connection, [passed_over])


async def test_an_area_whose_judgement_failed_is_left_alone_for_a_while_whatever_arrives(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await connection.execute("""UPDATE rule_version SET body = '{"code": 1}'""")
    await flow(connection, level, 3.1)
    await go_round(pool)
    await wake_areas(connection, [area_id])
    assert await claim_areas(connection, datetime.now(UTC), 10) == []
    assert [one.area_id for one in await claim_areas(connection, datetime.now(UTC) + timedelta(minutes=1), 10)] == [
        area_id
    ]


async def test_while_more_waits_than_one_round_takes_judging_has_no_pulse(
    pool: Pool, connection: Connection, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hydroalert.alerting.rounds.MOST_DUE", 1)
    _, level = await plant_area(connection, sealer)
    await flow(connection, level, 1.0)
    pulse = Pulse()
    await Rounds(pool, VOICE, pulse)._round()
    assert pulse.beaten_at is None
    await Rounds(pool, VOICE, pulse)._round()
    assert pulse.beaten_at is not None
