"""The way of a warning, seen from outside: a gauge measures too much, and everyone who listens hears the same of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook as Signed

from tests.alerting.notify.receivers import Mailbox, Webhook, running_mailbox, running_webhook
from tests.cap_files import Schema
from tests.journey._platform import Platform
from tests.journey._town import (
    ALERTS,
    CALM_M,
    DRILLS,
    HIGH_M,
    WORST_M,
    Listeners,
    Town,
    arrived,
    feed_of,
    listed_in,
    listeners,
    subscribe,
    warned_town,
)

AREA_KEYS = {
    *("area", "official_code", "name", "state", "severity", "status", "revision", "updated_at"),
    *("valid_until", "blind", "blind_since", "headline", "instruction", "alerts"),
}
ALERT_KEYS = {"id", "hazard", "severity", "urgency", "certainty", "onset", "causes"}
CAUSE_KEYS = {"station", "datastream", "result", "unit", "threshold", "time", "quality"}


@pytest.fixture
async def town(platform: Platform) -> Town:
    """A calm town of this test's own."""
    return await warned_town(platform)


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    """A receiver of webhooks."""
    async with running_webhook() as running:
        yield running


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """A receiver of mail."""
    async with running_mailbox() as running:
        yield running


def shows(**expected: Any) -> Callable[[dict[str, Any]], bool]:
    """Whether a state of an area shows all of this."""
    return lambda said: expected.items() <= said.items()


def but_for_its_end(said: dict[str, Any]) -> dict[str, Any]:
    """Without `valid_until`, which is of each message and not of the area."""
    return {name: value for name, value in said.items() if name != "valid_until"}


async def hear(town: Town, ears: Listeners, root: str = ALERTS, event: str = "alert", **state: Any) -> dict[str, Any]:
    """What broker, server-sent events and WebSocket say of the town once it shows this: one and the same."""
    holds = shows(**state)
    said = await asyncio.gather(
        ears.broker.area(f"{root}/{town.area}", holds), ears.streamed(event, holds), ears.socketed(event, holds)
    )
    published, *others = map(but_for_its_end, said)
    assert others == [published, published]
    return said[0]


async def told_by_cap(town: Town, ears: Listeners, root: str, words: str) -> str:
    """The CAP message that the broker has next with these words in it."""
    heard = await ears.broker.until(f"{root}/{town.area}/flood/cap", lambda xml: words.encode() in xml)
    return heard.decode()


def newest_cap(town: Town, **query: str) -> str:
    """The newest CAP message of the feed, read where the feed says."""
    return httpx.get(town.platform.http + listed_in(feed_of(town, **query))[0], timeout=30).text


async def test_one_crossing_is_told_alike_by_every_voice_and_so_is_its_end(
    town: Town, webhook: Webhook, mailbox: Mailbox
) -> None:
    schema = Schema()
    secret = (await subscribe(town, webhook, town.area))["secret"]
    await subscribe(town, mailbox, f"{town.area}-mail")
    async with listeners(town) as ears:
        for level_m, state, kind in ((HIGH_M, "active", "Alert"), (CALM_M, "cleared", "Cancel")):
            await town.report(level_m)
            said = await hear(town, ears, state=state)
            revision = said["revision"]
            cap = await told_by_cap(town, ears, ALERTS, f"<identifier>{town.area}-{revision}-")
            assert f"<msgType>{kind}</msgType>" in cap
            assert newest_cap(town) == cap
            assert schema.accepts(cap.encode())

            await arrived(webhook, revision)
            headers, body = webhook.arrived[-1]
            Signed(secret).verify(body, headers)
            assert webhook.revisions[-1] == revision
            assert webhook.bodies[-1]["data"]["snapshot"] == but_for_its_end(said)

            await arrived(mailbox, revision)
            assert mailbox.arrived[-1]["Subject"] == webhook.bodies[-1]["data"]["changes"][0]["texts"]["headline"]
    assert [body["type"] for body in webhook.bodies] == ["alert.raised", "alert.cleared"]
    assert webhook.revisions == [1, 2]


async def test_the_retained_message_has_the_keys_of_the_contract_and_the_reading_that_caused_it(town: Town) -> None:
    async with listeners(town) as ears:
        await town.report(HIGH_M)
        said = await hear(town, ears, state="active")
    (alert,) = said["alerts"]
    (cause,) = alert["causes"]
    assert (set(said), set(alert), set(cause)) == (AREA_KEYS, ALERT_KEYS, CAUSE_KEYS)
    assert (said["severity"], said["status"], said["revision"], said["blind"]) == ("moderate", "actual", 1, False)
    assert (cause["station"], cause["datastream"], cause["unit"]) == (town.area, "level", "m")
    assert (cause["result"], cause["threshold"]) == (HIGH_M, 2.0)
    async with listeners(town) as late:
        assert await hear(town, late, revision=1) | {"valid_until": ""} == said | {"valid_until": ""}
    (listed,) = town.platform.get("alerts", area=town.area)["alerts"]
    assert {name: listed[name] for name in ALERT_KEYS} == alert


async def test_what_an_operator_decides_is_heard_and_what_he_has_seen_is_kept(town: Town) -> None:
    async with listeners(town) as ears:
        await town.report(HIGH_M)
        await hear(town, ears, state="active")
        alert = await town.alert_id()
        because = ("--by", "duty officer", "--reason", "seen on the camera")
        await town.command("alert", "acknowledge", alert, *because)
        await town.command("alert", "raise", town.area, "--severity", "extreme", *because)
        raised = await hear(town, ears, severity="extreme")
        await town.command("alert", "end", town.area, *because)
        ended = await hear(town, ears, severity="moderate")
        await town.command("alert", "clear", town.area, *because)
        cleared = await hear(town, ears, state="cleared")
    why = town.platform.see(f"alerts/{alert}/why")["revisions"]
    assert [one["revision"] for one in why] == list(range(1, cleared["revision"] + 1))
    assert raised["revision"] < ended["revision"] < cleared["revision"]
    acted = [one for one in why if one["author"] is not None]
    assert acted[0]["transition"] == "acknowledged"
    assert {(one["author"], one["reason"]) for one in acted} == {("duty officer", "seen on the camera")}


async def test_a_drill_is_an_exercise_wherever_it_is_heard_and_never_where_it_might_be_believed(
    town: Town, webhook: Webhook, mailbox: Mailbox
) -> None:
    await subscribe(town, webhook, f"{town.area}-drilled", "--drills")
    await subscribe(town, mailbox, f"{town.area}-mail-drilled", "--drills")
    before = town.platform.get(f"areas/{town.area}")
    async with listeners(town, drill=True) as ears:
        await town.command("drill", "raise", town.area, "--severity", "severe", "--reason", "autumn drill")
        said = await hear(town, ears, DRILLS, "drill", state="active")
        cap = await told_by_cap(town, ears, DRILLS, "<status>Exercise</status>")
        await arrived(webhook, 1)
        await arrived(mailbox, 1)
        assert (said["status"], said["headline"][:8]) == ("exercise", "EXERCISE")
        assert said["instruction"].startswith("EXERCISE")
        assert newest_cap(town, drill="true") == cap
        assert webhook.bodies[0]["type"] == "exercise.raised"
        assert mailbox.arrived[0]["Subject"].startswith("EXERCISE")
        await town.command("drill", "end", town.area, "--reason", "autumn drill")
        await hear(town, ears, DRILLS, "drill", state="cleared")
        real = [payload for topic, payload in ears.broker.heard if topic.startswith(ALERTS)]
    assert {json.loads(payload)["state"] for payload in real} == {"cleared"}
    assert town.platform.get(f"areas/{town.area}") == before
    assert town.platform.get("alerts", area=town.area, state="all")["alerts"] == []
    assert listed_in(feed_of(town)) == []


async def test_a_gauge_that_falls_silent_at_its_worst_leaves_the_level_standing_and_says_blind(town: Town) -> None:
    async with listeners(town) as ears:
        for _ in range(2):  # so sudden a rise is suspect, and one suspect value alone is at most moderate
            await town.report(WORST_M)
        worst = await hear(town, ears, severity="severe", blind=False)
        await town.miss_it_after(1.5)
        blind = await hear(town, ears, blind=True)
    (alert,) = blind["alerts"]
    (before,) = worst["alerts"]
    assert (blind["state"], blind["severity"]) == ("active", "severe")
    assert (alert["id"], alert["causes"]) == (before["id"], before["causes"])
    last = datetime.fromisoformat(alert["causes"][0]["time"])
    assert datetime.fromisoformat(blind["blind_since"]) - last == timedelta(seconds=1.5)
