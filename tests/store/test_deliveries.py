"""Who hears of which revision."""

import pytest

from hydroalert.store import Connection
from tests.store.planting_alerts import PlantedAlert, plant_area


@pytest.fixture
async def areas(connection: Connection) -> dict[str, int]:
    """A country, a valley in it, a town in the valley, and the sea beside them."""
    country = await plant_area(connection, "country")
    valley = await plant_area(connection, "valley", country)
    return {
        "country": country,
        "valley": valley,
        "town": await plant_area(connection, "town", valley),
        "sea": await plant_area(connection, "sea"),
    }


async def subscribe(
    connection: Connection,
    name: str,
    area_id: int | None = None,
    *,
    least: str = "minor",
    audience: str = "public",
    drills: bool = False,
    enabled: bool = True,
) -> None:
    await connection.execute(
        "INSERT INTO subscription (name, kind, sealed, shown, area_id, least_severity, audience, language, drills, "
        "enabled) VALUES ($1, 'webhook', '', '', $2, $3, $4, 'en', $5, $6)",
        name,
        area_id,
        least,
        audience,
        drills,
        enabled,
    )


async def hearing(connection: Connection, revision: int) -> set[str]:
    """The names of those who hear of the revision, of whichever area it is."""
    rows = await connection.fetch(
        "SELECT name FROM delivery JOIN subscription ON subscription.id = subscription_id WHERE revision = $1", revision
    )
    return {row["name"] for row in rows}


async def test_an_alert_is_heard_in_its_area_around_it_and_by_who_hears_everything(
    connection: Connection, areas: dict[str, int]
) -> None:
    for code, area_id in areas.items():
        await subscribe(connection, code, area_id)
    await subscribe(connection, "everywhere")
    revision = await PlantedAlert(connection, areas["valley"]).tell("raised")
    assert await hearing(connection, revision) == {"valley", "country", "everywhere"}


@pytest.mark.parametrize(
    ("severity", "heard"),
    [
        ("minor", {"minor"}),
        ("moderate", {"minor", "moderate"}),
        ("severe", {"minor", "moderate", "severe"}),
        ("extreme", {"minor", "moderate", "severe", "extreme"}),
    ],
)
async def test_an_alert_is_heard_from_the_least_severity_that_was_asked_for(
    connection: Connection, areas: dict[str, int], severity: str, heard: set[str]
) -> None:
    for least in ("minor", "moderate", "severe", "extreme"):
        await subscribe(connection, least, least=least)
    revision = await PlantedAlert(connection, areas["town"]).tell("raised", severity)
    assert await hearing(connection, revision) == heard


async def test_who_heard_of_an_alert_hears_of_it_until_it_is_over_however_mild(
    connection: Connection, areas: dict[str, int]
) -> None:
    await subscribe(connection, "severe", least="severe")
    alert = PlantedAlert(connection, areas["town"])
    said = [("raised", "minor"), ("escalated", "severe"), ("lowered", "minor"), ("cleared", "minor")]
    heard = [await hearing(connection, await alert.tell(*one)) for one in said]
    assert heard == [set(), {"severe"}, {"severe"}, {"severe"}]


async def test_the_end_of_an_alert_that_was_never_heard_of_is_no_news(
    connection: Connection, areas: dict[str, int]
) -> None:
    alert = PlantedAlert(connection, areas["town"])
    await alert.tell("raised", "severe")
    await subscribe(connection, "late")
    assert await hearing(connection, await alert.tell("cleared", "severe")) == set()


async def test_one_alert_that_was_heard_of_opens_no_ear_for_another(
    connection: Connection, areas: dict[str, int]
) -> None:
    await subscribe(connection, "severe", least="severe")
    await PlantedAlert(connection, areas["town"]).tell("raised", "severe")
    revision = await PlantedAlert(connection, areas["town"], "storm").tell("raised", "minor")
    assert await hearing(connection, revision) == set()


async def test_the_public_hears_what_is_public_and_as_bad_as_it_is_made_public(
    connection: Connection, areas: dict[str, int]
) -> None:
    await subscribe(connection, "citizen")
    await subscribe(connection, "anxious", least="severe")
    await subscribe(connection, "officer", least="severe", audience="operators")
    alert = PlantedAlert(connection, areas["town"])
    assert await hearing(connection, await alert.tell("raised", "severe", public=None)) == {"officer"}
    assert await hearing(connection, await alert.tell("raised", "severe", public="moderate")) == {"citizen", "officer"}
    heard = await hearing(connection, await alert.tell("released", "severe", operators=False))
    assert heard == {"citizen", "anxious"}


async def test_an_exercise_is_heard_only_by_who_wants_exercises(connection: Connection, areas: dict[str, int]) -> None:
    await subscribe(connection, "calm")
    await subscribe(connection, "keen", drills=True)
    assert await hearing(connection, await PlantedAlert(connection, areas["town"], drill=True).tell("raised")) == {
        "keen"
    }


async def test_a_disabled_subscription_hears_nothing(connection: Connection, areas: dict[str, int]) -> None:
    await subscribe(connection, "off", enabled=False)
    assert await hearing(connection, await PlantedAlert(connection, areas["town"]).tell("raised")) == set()
