"""Fixtures that every test shares: real services, one of each per worker, and a fresh database per test."""

from collections.abc import Iterator

import pytest

from hydroalert.embedded import ports
from hydroalert.embedded.mosquitto import Broker
from hydroalert.store.migrate import migrate
from tests._services import Postgres, running_mosquitto, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private PostgreSQL cluster with PostGIS."""
    with running_postgres() as running:
        yield running


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    """The name of a database with every migration applied, which others are cloned from."""
    name = postgres.create()
    migrate(postgres.url(name))
    postgres.entrench(name)
    postgres.slim(name)
    return name


@pytest.fixture
def empty_database_url(postgres: Postgres) -> Iterator[str]:
    """A database with the extensions and nothing else; for tests of the migrations themselves."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def database_url(postgres: Postgres, template: str) -> Iterator[str]:
    """A migrated database of this test's own, dropped afterwards."""
    name = postgres.create(template=template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def mosquitto() -> Iterator[Broker]:
    """A private Mosquitto with the platform's users; retained messages and accounts outlive a test."""
    with running_mosquitto() as running:
        yield running


@pytest.fixture
def unused_tcp_port() -> int:
    """A loopback port that was free a moment ago."""
    return ports.any_free()
