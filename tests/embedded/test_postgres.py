"""The private PostgreSQL: what a test, and `up`, may rely on."""

import asyncpg
import pytest


async def test_a_fresh_database_has_postgis_and_exclusion_constraints_over_scalars(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        names = await connection.fetch("SELECT extname FROM pg_extension")
    finally:
        await connection.close()
    assert {"postgis", "btree_gist"} <= {row["extname"] for row in names}


async def test_the_platforms_role_is_no_superuser(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    finally:
        await connection.close()


async def test_a_wrong_password_is_turned_away(database_url: str) -> None:
    scheme, rest = database_url.split("://")
    server = rest.rsplit("@", 1)[1]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"{scheme}://hydroalert:wrong@{server}")
