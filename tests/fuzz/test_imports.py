"""Files that people give to the command line: whatever is in them, the answer is rows or words."""

import math
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hydroalert.admission.importing import read_series
from hydroalert.cli.context import read_rows
from hydroalert.cli.devices import _new_device
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.devices import NewDevice
from hydroalert.store.stations import NewStation, checked
from hydroalert.wire.tables import converted

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
GOOD = (
    b'[{"code":"avon","name":"Avon","lon":-1.9,"lat":52.1}]',
    b"code,name,lon,lat,river\navon,Avon,-1.9,52.1,Avon\n",
    b'{"type":"FeatureCollection","features":[{"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"code":"a","name":"b"}}]}',
    b'[{"device":"gauge-1","station":"avon","datastreams":"level:m:900 rainfall:mm"}]',
    b'[{"device":"gauge-1","station":"avon","datastreams":[{"code":"level","unit":"m"}]}]',
    b"time,result\n2025-11-28T06:30:00Z,1.25\n2025-11-28T06:45:00+05:30,1.5\n",
)
tokens = st.sampled_from(
    [
        b"null",
        b"[]",
        b"{}",
        b"[",
        b"{",
        b"}",
        b'"',
        b",",
        b"\n",
        b"\xff",
        b"\x00",
        b"nan",
        b"1e999",
        b"9" * 400,
        b'"features":',
        b"-",
    ]
)
mutations = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 8), tokens | st.binary(max_size=3)), max_size=4)


def mutated(good: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """Some bytes replaced by others."""
    body = bytearray(good)
    for at, count, put in changes:
        body[at % (len(body) + 1) : at % (len(body) + 1) + count] = put
    return bytes(body)


files = st.builds(mutated, st.sampled_from(GOOD), mutations) | st.binary(max_size=100)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file, written over and over."""
    return tmp_path_factory.mktemp("imports") / "given"


@settings(max_examples=300, deadline=None)
@given(content=files)
def test_any_file_of_stations_gives_stations_or_words(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with suppress(InvalidInput):
        stations = [checked(converted(row, NewStation, "here")) for row in read_rows(path)]
        assert all(-180 <= one.lon <= 180 and -90 <= one.lat <= 90 for one in stations)


@settings(max_examples=300, deadline=None)
@given(content=files)
def test_any_file_of_devices_gives_devices_or_words(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with suppress(InvalidInput):
        devices = [_new_device(row, "here") for row in read_rows(path)]
        assert all(isinstance(one, NewDevice) for one in devices)


@settings(max_examples=300, deadline=None)
@given(content=files)
def test_any_file_of_observations_gives_a_series_or_words(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with suppress(InvalidInput):
        series = list(read_series(path, EARLIEST, LATEST))
        assert all(isinstance(time_ms, int) and math.isfinite(result) for time_ms, result, _ in series)
