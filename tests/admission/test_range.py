"""Range tests at admission: what is outside a span is flagged, and kept as it came."""

import pytest

from hydroalert.admission.importing import import_series
from hydroalert.domain.clock import to_ms
from hydroalert.domain.quality import UNTESTED, Flag, QualitySettings, Test
from hydroalert.store import Connection
from hydroalert.store.conflicts import list_conflicts, prefer_conflict
from hydroalert.store.digest import fold_settlements
from hydroalert.store.quality import load_settings
from hydroalert.store.stations import find_datastream
from tests.admission.conftest import Settle
from tests.admission.gauges import NOON, NOW_MS, Gauge

SPANS = '{"sensor_min": 0, "sensor_max": 6, "operator_min": 0.5, "operator_max": 4}'
FLAGGED = {
    -0.001: (4, 1), 0.0: (3, 2), 0.499: (3, 2), 0.5: (2, 0), 4.0: (2, 0), 4.001: (3, 2), 6.0: (3, 2), 6.001: (4, 1),
}  # fmt: skip
"""Level in m to (flag, test): a span's ends belong to it, and what passes is not evaluated yet."""

A_MONTH_S = 30 * 86_400


@pytest.fixture
async def spanned(connection: Connection, gauge: Gauge) -> int:
    """The id of the level that the gauge fills, with both spans set."""
    await connection.execute("UPDATE datastream SET quality_settings = $1 WHERE code = 'level'", SPANS)
    return await find_datastream(connection, f"at-{gauge.code}", "level")


async def flags(connection: Connection) -> dict[float, tuple[int, int]]:
    """(flag, test) of each result stored."""
    rows = await connection.fetch("SELECT result, quality, test FROM observation")
    return {row["result"]: (row["quality"], row["test"]) for row in rows}


@pytest.mark.usefixtures("spanned")
@pytest.mark.parametrize("merged", [False, True], ids=["as new", "among what was there"])
async def test_what_a_device_sends_outside_a_span_is_flagged_and_kept_as_it_came(
    connection: Connection, gauge: Gauge, settle: Settle, merged: bool
) -> None:
    known = gauge.levels((-60, 1.0))
    await settle([known])
    frame = gauge.levels(*((-60 * (n + 2), level_m) for n, level_m in enumerate(FLAGGED)))
    await settle([known, frame] if merged else [frame])
    assert await flags(connection) == {1.0: (2, 0), **FLAGGED}


async def test_spans_are_in_the_datastreams_own_unit(
    connection: Connection, gauge: Gauge, settle: Settle, spanned: int
) -> None:
    await settle([gauge.frame(b'[{"n":"level","u":"cm","t":%d,"v":650}]' % (NOW_MS // 1000))])
    assert await flags(connection) == {6.5: (Flag.FAIL, Test.SENSOR_SPAN)}
    assert await connection.fetchval("SELECT datastream_id FROM observation") == spanned


async def test_a_datastream_without_spans_is_not_evaluated(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    await settle([gauge.levels((0, 1e9))])
    assert await flags(connection) == {1e9: (2, 0)}


async def test_settings_of_a_later_version_leave_values_stored_untested(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    await connection.execute('UPDATE datastream SET quality_settings = \'{"sensor_max": 6, "unheard_of": 1}\'')
    await settle([gauge.levels((0, 7.0))])
    assert await flags(connection) == {7.0: (2, 0)}


@pytest.mark.usefixtures("spanned")
async def test_the_newest_value_carries_its_flag(connection: Connection, gauge: Gauge, settle: Settle) -> None:
    await settle([gauge.levels((-A_MONTH_S, 5.0), (60 - A_MONTH_S, 7.0))])
    async with connection.transaction():
        (newest,) = await fold_settlements(connection)
    assert (newest.result, newest.quality) == (7.0, Flag.FAIL)
    assert await connection.fetchval("SELECT test FROM latest") == Test.SENSOR_SPAN


@pytest.mark.usefixtures("spanned")
async def test_a_conflict_keeps_the_flag_of_its_value_and_brings_it_into_the_series(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    await settle([gauge.levels((0, 1.0))])
    await settle([gauge.levels((0, 7.0))])
    (conflict,) = await list_conflicts(connection)
    async with connection.transaction():
        await prefer_conflict(connection, conflict.id, NOON)
    assert await flags(connection) == {7.0: (Flag.FAIL, Test.SENSOR_SPAN)}


async def test_an_import_is_tested_as_a_device_is_unless_its_source_said_what_it_is(
    connection: Connection, spanned: int
) -> None:
    settings = await load_settings(connection, spanned)
    assert settings == QualitySettings(sensor_min=0, sensor_max=6, operator_min=0.5, operator_max=4)
    said = (Flag.GOOD, Test.SOURCE)
    series = [(to_ms(NOON), 5.0, UNTESTED), (to_ms(NOON) + 1, 5.5, said)]
    assert [one.stored async for one in import_series(connection, spanned, settings, series)] == [2]
    assert await flags(connection) == {5.0: (3, 2), 5.5: (1, 20)}
