"""One platform for all tests of the whole way: each has stations and devices of its own in it."""

from collections.abc import Iterator

import pytest

from tests._services import open_directory
from tests.journey._platform import Platform, running


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """A platform without the simulator, on ports of its own."""
    with open_directory("journey") as home, running(home) as platform:
        yield platform
