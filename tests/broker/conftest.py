"""A broker that knows two devices and an observer."""

from collections.abc import Iterator

import pytest

from hydroalert.embedded.mosquitto import Broker
from tests._services import run, running_mosquitto
from tests.broker._people import introduce


@pytest.fixture(scope="package")
def broker() -> Iterator[Broker]:
    """This folder's own broker: its tests misbehave."""
    with running_mosquitto() as running:
        run(introduce(running))
        yield running
