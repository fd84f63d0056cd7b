"""Rules: every version is kept, and whoever must hear of a change does."""

from typing import Any

import msgspec
import pytest

from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.domain.polygons import box_of
from hydroalert.domain.rules import Level, Member, Rule
from hydroalert.domain.severity import Severity
from hydroalert.store import Connection
from hydroalert.store.areas import NewArea, find_area, remove_area, save_area
from hydroalert.store.informing import inform_area
from hydroalert.store.rules import list_rules, load_rules, remarks_on, retire_rule, rule_versions, save_rule
from hydroalert.store.sealing import Sealer
from hydroalert.store.waking import wake_hearers
from tests.store.planting import level_of, plant_device

LEVEL, FLOW = Member("at-gauge-1", "level"), Member("at-gauge-1", "flow")
RULE = Rule("river", (Level("alert", 1.6, Severity.MINOR),), (LEVEL,))


@pytest.fixture(autouse=True)
async def area(connection: Connection, sealer: Sealer) -> None:
    """An area, and a station with two datastreams that does not inform it."""
    await plant_device(connection, sealer)
    await save_area(connection, NewArea("calder", {"en": "Calder"}, box_of(79, 6, 81, 8)))


async def save(connection: Connection, author: str = "ann", **changed: Any) -> int:
    """Save the rule, changed, in a transaction of its own; returns its version."""
    async with connection.transaction():
        return await save_rule(connection, "calder", msgspec.structs.replace(RULE, **changed), author)


async def heard(connection: Connection) -> list[str]:
    """The datastreams that wake the area."""
    rows = await connection.fetch(
        "SELECT code FROM area_datastream JOIN datastream ON id = datastream_id ORDER BY code"
    )
    return [row["code"] for row in rows]


async def woken(connection: Connection) -> bool:
    """Whether the area waits to be judged; it waits no more."""
    return bool(await connection.fetch("DELETE FROM area_due RETURNING id"))


async def test_versions_count_from_one_and_none_is_lost(connection: Connection) -> None:
    for window_s in (60, 120, 180):
        await save(connection, f"author-{window_s}", window_s=window_s)
    found = await rule_versions(connection, "calder", "river")
    assert [(one.version, one.rule.window_s, one.author) for one in found] == [
        (1, 60, "author-60"), (2, 120, "author-120"), (3, 180, "author-180"),
    ]  # fmt: skip


async def test_what_is_in_force_already_adds_no_version_and_wakes_nobody(connection: Connection) -> None:
    assert await save(connection) == 1
    await woken(connection)
    assert await save(connection, "bob") == 1
    assert not await woken(connection)
    assert [one.author for one in await rule_versions(connection, "calder", "river")] == ["ann"]


async def test_each_change_wakes_the_area(connection: Connection) -> None:
    await woken(connection)
    for change in ({}, {"window_s": 60}):
        await save(connection, **change)
        assert await woken(connection)
    await retire_rule(connection, "calder", "river")
    assert await woken(connection)


async def test_a_rule_is_woken_by_the_datastreams_that_it_reads_now(connection: Connection) -> None:
    await save(connection)
    assert await heard(connection) == ["level"]
    await save(connection, members=(FLOW,))
    assert await heard(connection) == ["flow"]
    await save(connection, members=(FLOW, LEVEL))
    assert await heard(connection) == ["flow", "level"]
    await retire_rule(connection, "calder", "river")
    assert await heard(connection) == []


async def test_what_an_informing_station_measures_is_heard_without_any_rule(connection: Connection) -> None:
    await save(connection)
    await inform_area(connection, "calder", ["at-gauge-1"])
    await retire_rule(connection, "calder", "river")
    assert await heard(connection) == ["flow", "level"]


async def test_a_datastream_wakes_the_areas_that_hear_it_and_no_others(connection: Connection) -> None:
    await save_area(connection, NewArea("deaf", {"en": "Deaf"}, box_of(79, 6, 81, 8)))
    await save(connection)
    await woken(connection)
    await wake_hearers(connection, [await level_of(connection)])
    rows = await connection.fetch("SELECT code FROM area_due JOIN area ON area.id = area_id")
    assert [row["code"] for row in rows] == ["calder"]


async def test_a_retired_rule_is_out_of_force_until_it_is_saved_again(connection: Connection) -> None:
    await save(connection)
    await retire_rule(connection, "calder", "river")
    assert await list_rules(connection, "calder") == []
    (retired,) = await list_rules(connection, retired=True)
    assert retired.retired_at is not None
    with pytest.raises(NotFound, match="in force"):
        await retire_rule(connection, "calder", "river")
    assert await save(connection) == 2
    assert [one.retired_at for one in await list_rules(connection)] == [None]


async def test_the_rules_in_force_are_loaded_for_many_areas_at_once(connection: Connection) -> None:
    await save_area(connection, NewArea("other", {"en": "Other"}, box_of(79, 6, 81, 8)))
    await save(connection, window_s=60)
    await save(connection)
    await save(connection, code="another")
    await save(connection, code="retired")
    await retire_rule(connection, "calder", "retired")
    calder, other = await find_area(connection, "calder"), await find_area(connection, "other")
    loaded = await load_rules(connection, [calder, other])
    assert list(loaded) == [calder]
    assert [(one.rule.code, one.version) for one in loaded[calder]] == [("another", 1), ("river", 2)]
    assert loaded[calder][1].rule == RULE


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"members": (Member("nowhere", "level"), LEVEL)}, "no datastream nowhere/level"),
        ({"members": (Member("at-gauge-1", "rainfall"),)}, "no datastream at-gauge-1/rainfall"),
        ({"k": 9}, "k must"),
    ],
)
async def test_a_rule_that_cannot_be_kept_changes_nothing(
    connection: Connection, changed: dict[str, Any], words: str
) -> None:
    await save(connection)
    with pytest.raises(InvalidInput, match=words):
        await save(connection, **changed)
    assert [one.version for one in await rule_versions(connection, "calder", "river")] == [1]
    assert await heard(connection) == ["level"]


async def test_somebody_answers_for_every_version(connection: Connection) -> None:
    for author in ("", " ", "a\0b", "x" * 101):
        with pytest.raises(InvalidInput, match="author"):
            await save(connection, author)


async def test_what_looks_odd_is_remarked(connection: Connection) -> None:
    odd = msgspec.structs.replace(RULE, members=(LEVEL, FLOW), signal="accumulation")
    remarks = await remarks_on(connection, "calder", odd)
    for words, remark in zip(("m and m3/s", "rain is in mm", "silence"), remarks, strict=True):
        assert words in remark
    await inform_area(connection, "calder", ["at-gauge-1"])
    assert await remarks_on(connection, "calder", RULE) == []


async def test_an_area_is_forgotten_with_its_rules(connection: Connection) -> None:
    await save(connection)
    await inform_area(connection, "calder", ["at-gauge-1"])
    async with connection.transaction():
        await remove_area(connection, "calder")
    for table in ("rule", "rule_version", "rule_datastream", "area_datastream"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
