"""Migrations: applied once, never edited, and building exactly the schema that is checked in."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest

from hydroalert.store.migrate import migrate
from tests.store.schema import CHECKSUMS, MIGRATIONS, SCHEMA, checksums, dump

NAMES = sorted(path.stem for path in MIGRATIONS.glob("*.sql"))


def test_every_migration_is_applied_in_order_and_only_once(empty_database_url: str) -> None:
    assert migrate(empty_database_url) == NAMES
    assert migrate(empty_database_url) == []


def test_several_may_migrate_at_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        applied = list(threads.map(migrate, [empty_database_url] * 3))
    assert sorted(name for names in applied for name in names) == NAMES


def test_the_schema_that_is_checked_in_is_what_the_migrations_build(database_url: str) -> None:
    assert SCHEMA.read_text() == dump(database_url), "run `python -m tests.store.schema` and read what changed"


def test_no_migration_was_edited_after_it_was_checked_in() -> None:
    assert CHECKSUMS.read_text() == checksums(), "add a new migration; `python -m tests.store.schema` notes it"


def test_a_checksum_names_the_bytes_of_its_migration() -> None:
    digest, name = CHECKSUMS.read_text().splitlines()[0].split("  ")
    assert hashlib.sha256((MIGRATIONS / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("INSERT INTO platform DEFAULT VALUES", asyncpg.UniqueViolationError),
        ("INSERT INTO platform (singleton) VALUES (false)", asyncpg.CheckViolationError),
        (
            "INSERT INTO station (code, official_code, name, position) VALUES ('A', 'A', 'A', 'SRID=4326;POINT(1 2)')",
            asyncpg.CheckViolationError,
        ),
        (
            "INSERT INTO station (code, official_code, name, position) VALUES ('a', 'a', 'a', 'SRID=3857;POINT(1 2)')",
            asyncpg.InvalidParameterValueError,
        ),
    ],
)
async def test_the_schema_itself_refuses_what_cannot_be(
    database_url: str, statement: str, error: type[Exception]
) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        with pytest.raises(error):
            await connection.execute(statement)
    finally:
        await connection.close()
