"""Laws of deciding about reports, on real connections: who is first wins, who is second is told, nothing goes round."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from hydroalert.domain.actors import Actor, Role
from hydroalert.domain.errors import ChangedMeanwhile, Conflicting, HydroAlertError, InvalidInput, NotAllowed, NotFound
from hydroalert.domain.reports import State
from hydroalert.reports.following import withdraw
from hydroalert.reports.steps import Decider, Decision
from hydroalert.reports.triage import assign, decide, note, vouch
from hydroalert.store import Connection, Pool, open_pool
from hydroalert.store.report_events import list_events
from hydroalert.store.reports import Report, find_report, lock_report
from hydroalert.store.writing import writing
from tests.reports.planting import NOON, plant_report
from tests.store.planting_alerts import plant_area

REASON = "seen on the bridge's camera"
ADA = Decider("ada", Role.ADMIN, NOON + timedelta(minutes=10), timedelta(days=30))
BOB = Decider("bob", Role.OPERATOR, NOON + timedelta(minutes=11), timedelta(days=30))


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url, size=4)
    yield opened
    opened.terminate()


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as taken:
        yield taken


async def step(connection: Connection, one: UUID, to: State, of: UUID | None = None, by: Decider = ADA) -> Report:
    """Take a step as someone who has just looked."""
    seen = await stands(connection, one)
    async with connection.transaction():
        return await decide(connection, one, Decision(seen.version, to, REASON, of), by)


async def reviewed(connection: Connection) -> UUID:
    """A report under review, at version 2."""
    report = await plant_report(connection)
    await step(connection, report, State.UNDER_REVIEW)
    return report


async def stands(connection: Connection, report: UUID) -> Report:
    found = await find_report(connection, report)
    assert found is not None
    return found


async def woken(connection: Connection) -> int:
    """How many areas are to be judged anew; and let it be done."""
    return len(await connection.fetch("DELETE FROM area_due RETURNING area_id"))


async def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(pool: Pool) -> None:
    async with pool.acquire() as first, pool.acquire() as second:
        report = await reviewed(first)
        async with first.transaction():
            await decide(first, report, Decision(2, State.VERIFIED, REASON), ADA)
            later = asyncio.create_task(decide(second, report, Decision(2, State.REJECTED, "a hoax"), BOB))
            await asyncio.sleep(0.05)
            assert not later.done()
        with pytest.raises(ChangedMeanwhile) as told:
            await later
        assert (await stands(first, report)).state is State.VERIFIED
    assert told.value.current == {
        "state": "verified",
        "version": 3,
        "assigned_to": None,
        "changed_by": "ada",
        "changed_at": "2026-11-28T12:10:00.000Z",
        "how": "verified",
    }


async def test_two_reports_joined_to_each_other_at_once_are_not_both_joined(pool: Pool) -> None:
    async with pool.acquire() as first, pool.acquire() as second:
        one, other = [await reviewed(first) for _ in range(2)]

        async def join(connection: Connection, report: UUID, original: UUID) -> None:
            async with connection.transaction():
                await decide(connection, report, Decision(2, State.DUPLICATE, REASON, original), ADA)

        outcomes = await asyncio.gather(join(first, one, other), join(second, other, one), return_exceptions=True)
        assert sorted(type(found) for found in outcomes if found is not None) == [Conflicting]
        states = sorted([(await stands(first, report)).state for report in (one, other)])
        assert states == [State.DUPLICATE, State.UNDER_REVIEW]


async def test_a_decision_is_told_in_the_story_kept_in_the_audit_and_wakes_the_areas(pool: Pool) -> None:
    async with pool.acquire() as connection:
        for code in ("valley", "basin"):
            await plant_area(connection, code)
        report, elsewhere = await reviewed(connection), await plant_report(connection, lon=10.0, lat=50.0)
        assert await woken(connection) == 0
        async with writing(pool, Actor("account", "bob", 7, "192.0.2.1", "r1")) as held:
            await decide(held, report, Decision(2, State.VERIFIED, REASON), BOB)
        assert await woken(connection) == 2
        for to in (State.UNDER_REVIEW, State.VERIFIED):
            await step(connection, elsewhere, to)
        assert await woken(connection) == 0
        await step(connection, report, State.UNDER_REVIEW)
        assert await woken(connection) == 2
        await step(connection, report, State.VERIFIED)
        held_report = await lock_report(connection, report)
        assert held_report is not None
        assert await woken(connection) == 2
        await withdraw(connection, held_report, "reporter", NOON, timedelta(days=30))
        assert await woken(connection) == 2
        story = [(event.kind, event.author, event.text, event.shown) for event in await list_events(connection, report)]
        assert story[:4] == [
            ("submitted", "reporter", "", True),
            ("under review", "ada", REASON, True),
            ("verified", "bob", REASON, True),
            ("reopened", "ada", REASON, True),
        ]
        entry = await connection.fetchrow(
            "SELECT actor, after ->> 'state' AS state FROM audit.entry WHERE address = '192.0.2.1' AND thing = 'report'"
        )
        assert entry is not None
        assert tuple(entry) == ("bob", "verified")


async def test_what_was_joined_to_a_report_goes_with_it_and_an_administrator_takes_it_back(
    connection: Connection,
) -> None:
    small, middle, large = [await reviewed(connection) for _ in range(3)]
    await step(connection, small, State.DUPLICATE, middle)
    await step(connection, middle, State.DUPLICATE, large)
    assert [(await stands(connection, one)).duplicate_of for one in (small, middle)] == [large, large]
    assert (await list_events(connection, small))[-1].text == "with the report that it was joined to"
    with pytest.raises(NotAllowed):
        await step(connection, small, State.UNDER_REVIEW, by=BOB)
    await step(connection, small, State.UNDER_REVIEW)
    assert (await stands(connection, small)).duplicate_of is None
    await step(connection, middle, State.UNDER_REVIEW)
    await step(connection, small, State.DUPLICATE, large)
    for original, refusal in {small: Conflicting, middle: InvalidInput, uuid4(): NotFound}.items():
        with pytest.raises(refusal):
            await step(connection, middle, State.DUPLICATE, original)
    await step(connection, large, State.REJECTED)
    with pytest.raises(Conflicting, match="rejected"):
        await step(connection, middle, State.DUPLICATE, large)


async def test_who_takes_a_report_back_takes_back_nobody_elses(connection: Connection) -> None:
    original, joined, gone = [await reviewed(connection) for _ in range(3)]
    for one in (joined, gone):
        await step(connection, one, State.DUPLICATE, original)
    await withdraw(connection, await stands(connection, gone), "reporter", NOON, timedelta(days=30))
    await withdraw(connection, await stands(connection, original), "reporter", NOON, timedelta(days=30))
    parted, left = await stands(connection, joined), await stands(connection, gone)
    assert (parted.state, parted.duplicate_of, parted.decided_at) == (State.UNDER_REVIEW, None, None)
    assert (await list_events(connection, joined))[-1].author == "the platform"
    assert (left.state, left.duplicate_of) == (State.DUPLICATE, original)


async def test_who_takes_over_is_said_and_only_who_decides_is_assigned(connection: Connection) -> None:
    for name, role in (("ada", "admin"), ("bob", "operator"), ("eve", "viewer"), ("gone", "operator")):
        await connection.execute("INSERT INTO account (name, role, password) VALUES ($1, $2, '-')", name, role)
    await connection.execute("UPDATE account SET enabled = false WHERE name = 'gone'")
    report = await plant_report(connection)
    for version, to in enumerate(["bob", "ada", None], start=1):
        assert (await assign(connection, report, version, to, ADA)).assigned_to == to
    assert [event.text for event in await list_events(connection, report)][1:] == [
        "to bob",
        "to ada, from bob",
        "no more to ada",
    ]
    for nobody in ("eve", "gone", "who"):
        with pytest.raises(InvalidInput):
            await assign(connection, report, 4, nobody, ADA)
    with pytest.raises(ChangedMeanwhile):
        await assign(connection, report, 3, "ada", ADA)
    with pytest.raises(InvalidInput, match="no version 9"):
        await assign(connection, report, 9, "ada", ADA)
    assert (await assign(connection, report, 4, None, ADA)).version == 4
    for to in (State.UNDER_REVIEW, State.REJECTED):
        await step(connection, report, to)
    with pytest.raises(Conflicting, match="rejected"):
        await assign(connection, report, 6, "ada", ADA)


async def test_a_note_is_for_colleagues_unless_it_is_shown_and_only_a_verified_report_vouches(
    connection: Connection,
) -> None:
    report, alert = await reviewed(connection), uuid4()
    await note(connection, report, "called the fire brigade", BOB)
    await note(connection, report, "thank you", BOB, shown=True)
    with pytest.raises(InvalidInput):
        await note(connection, report, " \0 ", BOB)
    with pytest.raises(Conflicting, match="verify it"):
        await vouch(connection, report, alert, "water over the road", BOB)
    await step(connection, report, State.VERIFIED)
    _, words = await vouch(connection, report, alert, "water over the road", BOB)
    assert words == f"report {report}: water over the road"
    shown = [event.text for event in await list_events(connection, report, shown_only=True)]
    assert shown == ["", REASON, "thank you", REASON]
    assert (await list_events(connection, report))[-1].text == f"alert {alert}: water over the road"


async def test_whatever_many_decide_at_random_the_story_and_the_report_agree(connection: Connection) -> None:
    dice = Random(11)
    reports = [await plant_report(connection) for _ in range(4)]
    done = 0
    for _ in range(160):
        one, to = dice.choice(reports), dice.choice(list(State))
        original = dice.choice(reports) if to is State.DUPLICATE else None
        try:
            await step(connection, one, to, original, dice.choice([ADA, BOB]))
            done += 1
        except HydroAlertError:
            continue
        for report in [await stands(connection, one) for one in reports]:
            story = await list_events(connection, report.id)
            assert (len(story), story[-1].state) == (report.version, report.state)
            if report.duplicate_of is not None:
                assert (await stands(connection, report.duplicate_of)).state is not State.DUPLICATE
    assert done > 20
