"""Laws of the retained topics: each area has one, the newest stays, and stale never looks live."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest

from hydroalert.alerting.pulse import Pulse
from hydroalert.alerting.retained import VALID_FOR, Message, valid_until
from hydroalert.alerting.session import client_for, say
from hydroalert.embedded.mosquitto import Broker, running_broker
from hydroalert.store.areas import remove_area
from hydroalert.store.publications import State
from tests._services import open_directory
from tests.alerting.retained import Areas, entry_of, publishing, retained, revision_on, until
from tests.broker.test_restart import _broker

NOON = datetime(2025, 11, 28, 12, tzinfo=UTC)
ROOT = "hydroalert/v1"


async def test_a_revision_is_retained_and_leaves_the_outbox(database_url: str, mosquitto: Broker, areas: Areas) -> None:
    code = await areas.add("galle")
    await areas.revise(code, 1)
    async with publishing(database_url, mosquitto):
        await areas.until_shown()
        assert await revision_on(mosquitto, code) == 1
        await areas.revise(code, 2)
        await areas.until_shown()
        assert await revision_on(mosquitto, code) == 2


async def test_every_judged_area_has_a_retained_message_that_says_until_when_it_may_be_believed(
    database_url: str, mosquitto: Broker, areas: Areas
) -> None:
    calm, unjudged = await areas.add("calm"), await areas.add("unjudged")
    await areas.revise(calm, 0)
    await areas.pool.execute("DELETE FROM outbox")  # its first snapshot is no revision
    async with publishing(database_url, mosquitto):
        await until(lambda: _stands(mosquitto, calm))
    shown = await retained(mosquitto, f"{ROOT}/alerts/{calm}", f"{ROOT}/alerts/{unjudged}")
    (message,) = shown.values()
    assert datetime.now(UTC) < datetime.fromisoformat(message["valid_until"]) <= datetime.now(UTC) + VALID_FOR


async def test_the_newest_cap_message_of_each_hazard_is_retained(
    database_url: str, mosquitto: Broker, areas: Areas
) -> None:
    code = await areas.add("matara")
    for revision, (hazard, xml) in enumerate((("flood", "old"), ("flood", "new"), ("rain", "only")), start=1):
        await areas.tell(code, revision, xml, hazard=hazard)
    async with publishing(database_url, mosquitto):
        await areas.until_shown()
    found = await retained(mosquitto, f"{ROOT}/alerts/{code}/+/cap")
    assert found == {f"{ROOT}/alerts/{code}/flood/cap": "new", f"{ROOT}/alerts/{code}/rain/cap": "only"}


async def test_an_exercise_is_told_on_topics_of_its_own_and_only_where_there_was_one(
    database_url: str, mosquitto: Broker, areas: Areas
) -> None:
    drilled, spared = await areas.add("drilled"), await areas.add("spared")
    for code in (drilled, spared):
        await areas.revise(code, 3)
    await areas.tell(drilled, 1, "EXERCISE", drill=True)
    async with publishing(database_url, mosquitto):
        await areas.until_shown()
    assert await revision_on(mosquitto, drilled) == await revision_on(mosquitto, spared) == 3
    drills = await retained(mosquitto, f"{ROOT}/drill/alerts/#")
    assert {topic for topic in drills if areas.mark in topic} == {
        f"{ROOT}/drill/alerts/{drilled}",
        f"{ROOT}/drill/alerts/{drilled}/flood/cap",
    }


async def test_each_connection_begins_with_every_area_whatever_the_broker_still_has(
    database_url: str, mosquitto: Broker, areas: Areas
) -> None:
    codes = [await areas.add(f"area-{number}") for number in range(20)]
    for code in codes:
        await areas.tell(code, 5, "five")
    async with publishing(database_url, mosquitto):
        await areas.until_shown()
    async with client_for(entry_of(mosquitto)) as former:  # as a broker that was killed comes back
        stale = [Message(f"{ROOT}/alerts/{code}", b'{"revision":4}') for code in codes]
        await say(former, [*stale, *(Message(f"{one.topic}/flood/cap", b"four") for one in stale)])
    async with publishing(database_url, mosquitto):
        await until(lambda: _all_at(mosquitto, areas, codes, 5))
        caps = await retained(mosquitto, f"{ROOT}/alerts/+/flood/cap")
    assert {xml for topic, xml in caps.items() if areas.mark in topic} == {"five"}


async def test_a_message_is_renewed_before_it_ceases_to_be_valid(
    database_url: str, mosquitto: Broker, areas: Areas
) -> None:
    code, pulse = await areas.add("kandy"), Pulse()
    await areas.revise(code, 1)
    async with publishing(database_url, mosquitto, pulse):
        await areas.until_shown()
        first = (await retained(mosquitto, f"{ROOT}/alerts/{code}"))[f"{ROOT}/alerts/{code}"]["valid_until"]
        pulse.beat(datetime.now(UTC) + timedelta(seconds=30))
        await areas.pool.execute("UPDATE publication SET renew_at = now() WHERE NOT drill")

        async def is_renewed() -> bool:
            return bool(
                (await retained(mosquitto, f"{ROOT}/alerts/{code}"))[f"{ROOT}/alerts/{code}"]["valid_until"] > first
            )

        await until(is_renewed)
    late = "SELECT count(*) FROM publication WHERE NOT drill AND renew_at > now() + $1::interval"
    assert await areas.pool.fetchval(late, VALID_FOR) == 0


def _state(*, judged_at: datetime | None, failed: bool = False) -> State:
    return State(1, False, "galle", 1, "{}", NOON - timedelta(hours=1), judged_at, failed)


@pytest.mark.parametrize(
    ("state", "pulse_at", "expected"),
    [
        pytest.param(_state(judged_at=NOON), None, NOON, id="judged, and nothing known since"),
        pytest.param(
            _state(judged_at=NOON), NOON + timedelta(minutes=9), NOON + timedelta(minutes=9), id="not due since"
        ),
        pytest.param(_state(judged_at=NOON, failed=True), NOON + timedelta(minutes=9), NOON, id="its judgement failed"),
        pytest.param(_state(judged_at=None), None, NOON - timedelta(hours=1), id="never judged since it was written"),
    ],
)
def test_what_is_no_longer_judged_is_not_renewed(state: State, pulse_at: datetime | None, expected: datetime) -> None:
    assert valid_until(state, pulse_at) == expected + VALID_FOR


async def test_a_removed_area_is_taken_from_the_broker_with_all_its_topics(
    database_url: str, mosquitto: Broker, areas: Areas
) -> None:
    gone, stays = await areas.add("gone"), await areas.add("stays")
    await areas.tell(gone, 1, "real")
    await areas.tell(gone, 1, "EXERCISE", drill=True)
    await areas.revise(stays, 1)
    async with publishing(database_url, mosquitto):
        await areas.until_shown()
        async with areas.pool.acquire() as connection, connection.transaction():
            await remove_area(connection, gone)
        everywhere = f"{ROOT}/alerts/#", f"{ROOT}/drill/alerts/#"

        async def is_gone() -> bool:
            return not any(gone in topic for topic in await retained(mosquitto, *everywhere))

        await until(is_gone)
    assert await revision_on(mosquitto, stays) == 1


async def test_a_message_too_large_for_the_broker_takes_no_other_with_it(mosquitto: Broker, areas: Areas) -> None:
    topics = [f"{ROOT}/alerts/{name}-{areas.mark}" for name in ("vast", "small")]
    async with client_for(entry_of(mosquitto)) as client:
        await say(client, [Message(topics[0], b"x" * 300_000), Message(topics[1], b"fits")])
    assert await retained(mosquitto, *topics) == {topics[1]: "fits"}


async def test_a_broker_that_refuses_a_message_is_not_believed_to_have_it(
    database_url: str, mosquitto: Broker, areas: Areas
) -> None:
    async with client_for(entry_of(mosquitto)) as client:
        client.timeout = 0.3
        with pytest.raises(aiomqtt.MqttError, match="timed out"):
            await say(client, [Message(f"{ROOT}/time", b"forbidden to alerting")])
        await say(client, [Message(f"{ROOT}/alerts/allowed-{areas.mark}", b"")])


async def test_a_broker_that_was_killed_and_came_back_is_told_everything_anew(database_url: str, areas: Areas) -> None:
    with open_directory("killed") as directory:
        broker = _broker(directory)
        code = await areas.add("hambantota")
        await areas.revise(code, 1)
        async with running_broker(broker) as child, publishing(database_url, broker):
            await areas.until_shown()
            child.signal(signal.SIGKILL)
            await child.wait()
            await areas.revise(code, 2)
            async with running_broker(broker):
                await until(lambda: _all_at(broker, areas, [code], 2))
                await areas.until_shown()


async def test_of_two_publishers_neither_leaves_an_older_revision_behind_a_newer(
    database_url: str, mosquitto: Broker, areas: Areas
) -> None:
    codes = [await areas.add(f"busy-{number}") for number in range(3)]
    async with publishing(database_url, mosquitto), publishing(database_url, mosquitto):
        for revision in range(1, 31):
            await asyncio.gather(*(areas.revise(code, revision) for code in codes))
        await areas.until_shown()
    assert await _all_at(mosquitto, areas, codes, 30)


async def test_a_process_that_was_stopped_in_the_middle_leaves_no_older_revision_behind_a_newer(
    database_url: str, mosquitto: Broker, areas: Areas
) -> None:
    code = await areas.add("ratnapura")
    await areas.revise(code, 1)
    with _stopping(database_url, mosquitto) as stopped:
        await until(lambda: _is_stopped(stopped.pid))
        async with publishing(database_url, mosquitto):
            await areas.revise(code, 2)
            await areas.until_shown()  # once the database has ended the stopped one's claim
            assert await revision_on(mosquitto, code) == 2
            stopped.send_signal(signal.SIGCONT)
            assert stopped.stderr
            assert await asyncio.to_thread(stopped.stderr.readline) == b"sent\n"
            await until(lambda: _all_at(mosquitto, areas, [code], 2))


@contextmanager
def _stopping(database_url: str, broker: Broker) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "tests.alerting.stopping", database_url, broker.url, broker.alerting_password]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def _is_stopped(pid: int) -> bool:
    """From proc(5): pid (name) state …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"  # noqa: ASYNC240 - no disk's


async def _stands(broker: Broker, code: str) -> bool:
    return await revision_on(broker, code) is not None


async def _all_at(broker: Broker, areas: Areas, codes: list[str], revision: int) -> bool:
    found = await retained(broker, f"{ROOT}/alerts/+")
    ours = {topic: shown["revision"] for topic, shown in found.items() if areas.mark in topic}
    return ours == {f"{ROOT}/alerts/{code}": revision for code in codes}
