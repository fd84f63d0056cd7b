"""The way of a report, seen from outside: what a citizen saw confirms what a gauge measured, and the audit tells it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from math import cos, radians
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.api.live.following import Follower, following
from tests.evidence.corpus import saved, scene
from tests.journey._people import Citizen, Json, People, Person
from tests.journey._platform import LAT, LON, Platform
from tests.journey._town import WORST_M, Town, warned_town

DEGREE_M = 111_195
RULE = {
    "code": "seen",
    "signal": "level",
    "levels": [
        {"name": "alert", "threshold": 2.0, "severity": "moderate"},
        {"name": "flood", "threshold": 3.0, "severity": "severe"},
    ],
    "confirming_reports": {"count": 1},
}


@pytest.fixture
async def town(platform: Platform) -> Town:
    """A calm town of this test's own."""
    return await warned_town(platform)


@pytest.fixture
async def people(platform: Platform) -> AsyncIterator[People]:
    """Whoever comes."""
    async with AsyncExitStack() as leaving:
        yield People(platform, leaving)


def taken_at(lon: float, lat: float) -> bytes:
    """A picture whose metadata says that it was taken there."""
    tags = Image.Exif()
    tags.get_ifd(0x8825).update({1: "N", 2: (lat, 0.0, 0.0), 3: "E", 4: (lon, 0.0, 0.0)})
    return saved(scene(7), exif=tags.tobytes())


async def until_hears(ears: Follower, event: str, **expected: Any) -> Json:
    """The next such event that says all of this."""
    async with asyncio.timeout(30):
        while True:
            heard = (await ears.until(event))[-1].data
            if expected.items() <= heard.items():
                found: Json = heard
                return found


async def send_report(people: People) -> Citizen:
    """Knee-deep water at the gauge, with a picture taken 3 km to the north and one that somebody sent before."""
    known = saved(scene(8))
    earlier = await people.report(LON + 1, LAT + 1, text="far away")
    await earlier.send(known)
    reporter = await people.report(LON, LAT, depth="knee", text="The road to the bridge is under water")
    await reporter.send(taken_at(LON, LAT + 3_000 / DEGREE_M))
    await reporter.send(known)
    return reporter


async def verify(operator: Person, report: str) -> None:
    """Look at it, and find it true."""
    for to, reason in (("under_review", ""), ("verified", "the camera at the bridge shows it")):
        seen = await operator.get(f"triage/{report}")
        assert to in [step["to"] for step in seen["steps"]]
        decision = {"version": seen["report"]["version"], "to": to, "reason": reason}
        await operator.post(f"triage/{report}/decision", decision)


def on_the_map(town: Town) -> list[Json]:
    """What everybody sees around the town."""
    half = 0.02
    box = f"{LON - half},{LAT - half},{LON + half},{LAT + half}"
    listed: list[Json] = town.platform.get("reports", bbox=box)["reports"]
    return listed


async def test_a_report_that_an_operator_verifies_confirms_the_alert_and_is_shown_coarsely(
    town: Town, people: People
) -> None:
    admin = await people.join(f"ann-{town.area}", "admin")
    operator = await people.join(f"otto-{town.area}", "operator")
    rule = RULE | {"members": [{"station": town.area, "datastream": "level"}]}
    await admin.put(f"areas/{town.area}/rules/seen", rule)
    async with (
        httpx.AsyncClient(base_url=town.platform.http, timeout=60) as public,
        following(public, area=town.area, kind="alert") as anybody,
        following(public, area=town.area, kind="report") as neighbour,
        following(public, headers=operator.headers, kind="triage") as desk,
    ):
        await town.report(WORST_M)  # so sudden a rise is suspect, and alone at most moderate
        await until_hears(anybody, "alert", state="active", severity="moderate")
        reporter = await send_report(people)
        report = reporter.report["id"]
        await until_hears(desk, "triage", id=report, state="submitted")
        assert on_the_map(town) == []

        await explains_its_priority(operator, report)
        await verify(operator, report)
        await until_hears(anybody, "alert", state="active", severity="severe")
        await until_hears(neighbour, "report", category="flooded-road")
        await until_hears(desk, "triage", id=report, state="verified")
    is_shown_coarsely(town, report)
    await is_told_to_its_reporter(reporter)
    await is_told_by_the_audit(admin, operator, report)


async def explains_its_priority(operator: Person, report: str) -> None:
    """The queue says why it comes where it comes, in numbers that add up."""
    queue = await operator.get("triage")
    (queued,) = [one for one in queue["reports"] if one["id"] == report]
    assert queued["priority"] == sum(reason["points"] for reason in queued["reasons"])
    words = " / ".join(reason["words"] for reason in queued["reasons"])
    for told in ("knee", "3.0 km", "seen before", "above the 2 m of a rule", "flood alert"):
        assert told in words, words


def is_shown_coarsely(town: Town, report: str) -> None:
    """Its cell and its quarter of an hour, and nothing that leads to who sent it."""
    (shown,) = on_the_map(town)
    east_m = (shown["position"]["lon"] - LON) * DEGREE_M * cos(radians(LAT))
    north_m = (shown["position"]["lat"] - LAT) * DEGREE_M
    assert max(abs(east_m), abs(north_m)) <= shown["cell_m"] / 2 + 1
    assert (shown["position"]["lon"], shown["position"]["lat"]) != (LON, LAT)
    assert report not in str(shown)
    assert "text" not in shown


async def is_told_to_its_reporter(reporter: Citizen) -> None:
    """By the code: where it stands and why, both pictures, and no operator's name."""
    seen = await reporter.look()
    assert (seen["state"], len(seen["pictures"])) == ("verified", 2)
    assert seen["story"][-1]["text"] == "the camera at the bridge shows it"
    assert "otto" not in str(seen)


async def is_told_by_the_audit(admin: Person, operator: Person, report: str) -> None:
    """Who did what, in order; nothing of what the citizen said."""
    told = (await admin.get("audit", target=report))["entries"][::-1]
    steps = [(one["actor_kind"], one["actor"], (one["after"] or {}).get("state")) for one in told]
    assert steps[0] == ("citizen", steps[0][1], "submitted")
    decided = [(actor, state) for kind, actor, state in steps if kind == "account" and state]
    assert decided == [(operator.name, "under_review"), (operator.name, "verified")]
    assert "bridge" not in str([one["after"] for one in told])
    made = (await admin.get("audit", actor=admin.name, thing="rule version"))["entries"]
    assert [one["act"] for one in made] == ["added"]
