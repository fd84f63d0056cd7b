"""What operators do: each act is a revision with who and why, judged at once; a drill is never the real thing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound, Unavailable
from hydroalert.domain.rules import Release
from hydroalert.domain.severity import Severity
from hydroalert.judging import acts
from hydroalert.store import Connection, Pool
from hydroalert.store.rules import save_rule
from hydroalert.store.sealing import Sealer
from hydroalert.store.waking import wake_areas
from tests.alerting.river import VOICE, counts, flow, go_round, ladder_over, plant_area, revisions, snapshot

AREA = "by-gauge-1"


def deed(reason: str = "seen by the duty officer") -> acts.Deed:
    """An act of one operator, now."""
    return acts.Deed("ada", reason, datetime.now(UTC))


def by_hand(kind: acts.Kind, severity: Severity | None = None, *, drill: bool = False, area: str = AREA) -> acts.ByHand:
    """A decision for an hour."""
    return acts.ByHand(area, "flood", kind, datetime.now(UTC) + timedelta(hours=1), severity, drill)


async def standing(connection: Connection) -> UUID:
    """The alert that stands."""
    found: UUID = await connection.fetchval("SELECT id FROM alert WHERE active")
    return found


async def test_an_acknowledgement_is_a_revision_that_operators_see_and_the_public_does_not(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 4.5, 4.5)
    await go_round(pool)
    await acts.acknowledge(connection, await standing(connection), deed(), VOICE)
    assert [step for _, step, _, _ in await revisions(connection, area_id)] == ["raised", "acknowledged"]
    row = await connection.fetchrow("SELECT public, author, reason FROM revision WHERE revision = 2")
    assert tuple(row) == (False, "ada", "seen by the duty officer")
    assert await counts(connection, "cap_message") == [1]


async def test_an_alert_raised_by_hand_stands_until_it_is_ended_whatever_the_river_does(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 1.0)
    await go_round(pool)
    await acts.override(connection, by_hand("raise", Severity.SEVERE), deed("a dam leaks"), VOICE)
    await flow(connection, level, 1.0)
    await go_round(pool)
    assert await revisions(connection, area_id) == [(1, "raised", "flood", "severe")]
    await acts.end(connection, AREA, "flood", deed("mended"), VOICE)
    assert (await revisions(connection, area_id))[-1] == (2, "cleared", "flood", "severe")
    assert (await snapshot(connection, area_id))["state"] == "cleared"


async def test_an_alert_that_is_held_by_hand_does_not_fall_with_the_river(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 4.5, 4.5, ends=timedelta(minutes=5))
    await go_round(pool)
    await acts.override(connection, by_hand("hold"), deed("the next wave comes"), VOICE)
    await flow(connection, level, 1.0, 1.0)
    await go_round(pool)
    steps = await revisions(connection, area_id)
    assert [(step, severity) for _, step, _, severity in steps] == [("raised", "moderate"), ("overridden", "moderate")]


async def test_what_was_cleared_by_hand_is_raised_again_only_by_something_worse(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 4.5, 4.5, ends=timedelta(minutes=5))
    await go_round(pool)
    await acts.override(connection, by_hand("clear"), deed("a test of the gauge"), VOICE)
    await flow(connection, level, 4.6, ends=timedelta(minutes=3))
    await go_round(pool)
    assert [step for _, step, _, _ in await revisions(connection, area_id)] == ["raised", "cleared"]
    await flow(connection, level, 5.5, 5.5)
    await go_round(pool)
    assert (await revisions(connection, area_id))[-1][1:] == ("raised", "flood", "severe")


async def test_a_severity_that_needs_a_release_is_told_to_the_public_only_after_it(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    rule = ladder_over("at-gauge-1", release=Release(Severity.SEVERE))
    async with connection.transaction():
        await save_rule(connection, AREA, rule, "tests")
    await flow(connection, level, 5.5, 5.5)
    await go_round(pool)
    assert (await snapshot(connection, area_id))["severity"] == "moderate"
    await acts.release(connection, await standing(connection), deed("agreed with the mayor"), VOICE)
    assert (await snapshot(connection, area_id))["severity"] == "severe"
    assert [step for _, step, _, _ in await revisions(connection, area_id)] == ["raised", "released"]


async def test_a_drill_goes_the_whole_way_and_leaves_the_real_area_as_it_was(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    area_id, level = await plant_area(connection, sealer)
    await flow(connection, level, 1.0)
    await go_round(pool)
    before = await snapshot(connection, area_id)
    await acts.override(connection, by_hand("raise", Severity.EXTREME, drill=True), deed("spring drill"), VOICE)
    drilled = await snapshot(connection, area_id, drill=True)
    assert (drilled["status"], drilled["severity"], drilled["revision"]) == ("exercise", "extreme", 1)
    assert all("EXERCISE" in drilled[text] for text in ("headline", "instruction"))
    assert "<status>Exercise</status>" in await connection.fetchval("SELECT xml FROM cap_message")
    await acts.end_drill(connection, AREA, deed("over"), VOICE)
    steps = [step for _, step, _, _ in await revisions(connection, area_id, drill=True)]
    assert steps == ["raised", "cleared"]
    assert await revisions(connection, area_id) == []
    assert await snapshot(connection, area_id) == before


@pytest.mark.parametrize(
    ("decision", "said", "refusal"),
    [
        (by_hand("raise"), deed(), InvalidInput),
        (by_hand("hold"), deed(), Conflicting),
        (by_hand("clear"), deed(), Conflicting),
        (by_hand("raise", Severity.MINOR), deed(" "), InvalidInput),
        (by_hand("raise", Severity.MINOR, area="nowhere"), deed(), NotFound),
        (by_hand("raise", Severity.MINOR, area="No Where"), deed(), NotFound),
    ],
)
async def test_a_decision_that_cannot_be_is_refused_and_leaves_nothing(
    connection: Connection, sealer: Sealer, decision: acts.ByHand, said: acts.Deed, refusal: type[Exception]
) -> None:
    await plant_area(connection, sealer)
    with pytest.raises(refusal):
        await acts.override(connection, decision, said, VOICE)
    assert await counts(connection, "override", "revision") == [0, 0]


async def test_an_override_must_end_and_never_later_than_in_a_week(connection: Connection, sealer: Sealer) -> None:
    await plant_area(connection, sealer)
    for expires_at in (datetime.now(UTC), datetime.now(UTC) + timedelta(days=8)):
        decision = acts.ByHand(AREA, "flood", "raise", expires_at, Severity.MINOR)
        with pytest.raises(InvalidInput):
            await acts.override(connection, decision, deed(), VOICE)


async def test_what_a_person_clears_or_holds_is_as_severe_as_it_stands_whatever_they_say(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    _, level = await plant_area(connection, sealer)
    await flow(connection, level, 4.5, 4.5)
    await go_round(pool)
    await acts.override(connection, by_hand("clear", Severity.EXTREME), deed("a test"), VOICE)
    assert await connection.fetchval("SELECT severity FROM override") == "moderate"


async def test_what_was_decided_by_hand_and_has_expired_cannot_be_ended(connection: Connection, sealer: Sealer) -> None:
    await plant_area(connection, sealer)
    await acts.override(connection, by_hand("raise", Severity.SEVERE), deed("a dam leaks"), VOICE)
    await connection.execute("UPDATE override SET expires_at = now()")
    with pytest.raises(NotFound):
        await acts.end(connection, AREA, "flood", deed("mended"), VOICE)


async def test_nobody_acts_while_the_clock_is_in_doubt(connection: Connection, sealer: Sealer) -> None:
    area_id, _ = await plant_area(connection, sealer)
    await connection.execute("UPDATE platform SET newest_arrival = now() + interval '1 hour'")
    with pytest.raises(Unavailable, match="clock"):
        await acts.override(connection, by_hand("raise", Severity.SEVERE), deed("a dam leaks"), VOICE)
    assert await revisions(connection, area_id) == []


async def test_no_news_of_a_river_wakes_an_exercise(pool: Pool, connection: Connection, sealer: Sealer) -> None:
    area_id, _ = await plant_area(connection, sealer)
    await acts.override(connection, by_hand("raise", Severity.SEVERE, drill=True), deed("spring drill"), VOICE)
    await go_round(pool)
    await wake_areas(connection, [area_id])
    assert await connection.fetch("SELECT area_id, drill FROM area_due") == [(area_id, False)]


async def test_what_is_over_can_be_remarked_on_but_not_acknowledged(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    _, level = await plant_area(connection, sealer)
    await flow(connection, level, 3.5, ends=timedelta(minutes=5))
    await go_round(pool)
    alert = await standing(connection)
    await flow(connection, level, 1.0)
    await go_round(pool)
    await acts.comment(connection, alert, deed("the gauge was cleaned that day"))
    with pytest.raises(Conflicting):
        await acts.acknowledge(connection, alert, deed(), VOICE)
    assert await counts(connection, "remark") == [1]
