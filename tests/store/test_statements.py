"""Every statement of the store is one that the migrated schema understands."""

import importlib
import pkgutil
from collections.abc import Iterator

import asyncpg
import pytest

import hydroalert.store
from tests._services import Postgres

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


def statements() -> list[tuple[str, str]]:
    """(module.NAME, SQL) of each constant that is a statement."""
    found = []
    for module in pkgutil.iter_modules(hydroalert.store.__path__, "hydroalert.store."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, str) and value.strip().startswith(VERBS) and "{" not in value:
                found.append((f"{module.name}.{name}", value))
    return found


@pytest.fixture(scope="module")
def database_url(postgres: Postgres, template: str) -> Iterator[str]:
    """One database for all: to prepare a statement changes nothing."""
    name = postgres.create(template=template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.mark.parametrize(("name", "sql"), statements(), ids=lambda value: value if "." in value[:60] else "")
async def test_a_statement_is_prepared_against_the_migrated_schema(name: str, sql: str, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(hydroalert.store.settlements._STAGE)
        await connection.prepare(sql)
    finally:
        await connection.close()


def test_there_are_statements_to_prepare() -> None:
    assert len(statements()) > 30
