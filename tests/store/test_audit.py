"""The audit tells who did what, in the transaction that did it, and nobody can make it say anything else."""

from contextlib import suppress

import asyncpg
import msgspec
import pytest

from hydroalert.domain.actors import Actor
from hydroalert.embedded.postgres import ROLE
from hydroalert.store import Connection, Pool
from hydroalert.store.audit import record
from hydroalert.store.entrenching import AUDITOR, entrenching, who_may_change
from hydroalert.store.migrate import migrate
from hydroalert.store.writing import writing
from tests._services import Postgres

ANA = Actor("account", "ana", 7, "192.0.2.7", "drill-7")
STATION = """
    INSERT INTO station (code, official_code, name, position)
    VALUES ($1::text, $1::text, $1::text, ST_Point(80, 7, 4326))
"""
ENTRIES = "SELECT act, thing, target, actor_kind, actor, account_id, address, request_id FROM audit.entry ORDER BY id"
TOLD = "actor_kind, actor, act, thing, target"
WORDS = "'account', 'eve', 'added', 'station', 'avon'"

TAMPERING = [
    "UPDATE audit.entry SET actor = 'eve'",
    "DELETE FROM audit.entry",
    "TRUNCATE audit.entry",
    "DROP TABLE audit.entry",
    "DROP SCHEMA audit CASCADE",
    "ALTER TABLE audit.entry OWNER TO hydroalert",
    "ALTER SCHEMA audit OWNER TO hydroalert",
    "ALTER TABLE audit.entry DISABLE TRIGGER entry_append_only",
    "DROP TRIGGER entry_append_only ON audit.entry",
    "CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TABLE audit.other (id integer)",
    "CREATE RULE forget AS ON INSERT TO audit.entry DO INSTEAD NOTHING",
    "ALTER TABLE audit.entry ALTER COLUMN at SET DEFAULT 'yesterday'",
    "SELECT setval('audit.entry_id_seq', 1)",
    "SET session_replication_role = replica",
    f"SET ROLE {AUDITOR}",
    f"INSERT INTO audit.entry (at, {TOLD}) VALUES ('2020-01-01', {WORDS})",
    f"INSERT INTO audit.entry (id, {TOLD}) OVERRIDING SYSTEM VALUE VALUES (1, {WORDS})",
]

# What machines write by themselves, and what follows from audited rows; every other table is audited.
UNAUDITED = {
    "device_status", "broker_change", "observation", "refused_frame", "settlement", "latest", "device_tally",
    "refusal_tally", "device_hour", "platform", "lane", "worker", "beat", "rule_datastream", "area_datastream",
    "due", "area_due", "area_state", "alert", "revision", "cap_message", "outbox", "publication", "delivery",
    "alerter", "canary", "withdrawal", "refresh_token", "login_failure", "login_place", "rate", "report_event",
    "evidence_file",
}  # fmt: skip
SECRET = {"password", "sealed", "totp", "recovery_codes", "digest", "tracking", "once", "contact", "reporter", "frame"}
PERSONAL = {"report": {"position", "text"}, "evidence": {"hint_position"}}

TRIGGERS = """
    SELECT relname, string_to_array(split_part(encode(tgargs, 'escape'), '\\000', 2), ',') AS hidden
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgname = 'audited' AND tgfoid = 'audit_change'::regproc AND tgenabled = 'O'
"""
TABLES = """
    SELECT relname, array_agg(attname::text) AS columns
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND attnum > 0 AND NOT attisdropped AND relname !~ 'yoyo' AND relname <> 'spatial_ref_sys'
    GROUP BY relname
"""


async def test_the_platforms_own_role_can_add_to_the_audit_and_nothing_else(connection: Connection) -> None:
    await record(connection, "looked", "audit", "", {"rows": 1})
    before = await connection.fetch("SELECT * FROM audit.entry")
    for statement in TAMPERING:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    assert await connection.fetch("SELECT * FROM audit.entry") == before
    assert await who_may_change(connection) is None


async def test_not_even_its_owner_changes_it_by_mistake(database_url: str, postgres: Postgres) -> None:
    connection = await asyncpg.connect(postgres.cluster.superuser_url(database_url.rsplit("/", 1)[1]))
    try:
        for statement in ("UPDATE audit.entry SET actor = 'eve'", "DELETE FROM audit.entry", "TRUNCATE audit.entry"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_every_table_that_people_change_is_audited_and_hides_what_is_nobodys_business(
    connection: Connection,
) -> None:
    hidden = {row["relname"]: set(row["hidden"]) for row in await connection.fetch(TRIGGERS)}
    columns = {row["relname"]: set(row["columns"]) for row in await connection.fetch(TABLES)}
    assert set(hidden) == set(columns) - UNAUDITED
    for table, names in hidden.items():
        assert names >= columns[table] & (SECRET | PERSONAL.get(table, set())), table


async def test_an_entry_says_who_and_from_where_and_is_there_with_its_act_or_not_at_all(pool: Pool) -> None:
    async with writing(pool, ANA) as connection:
        await connection.execute(STATION, "avon")
        await record(connection, "exported", "audit", "", {"rows": 2})
    async with writing(pool) as connection:
        await connection.execute("DELETE FROM station")
    with suppress(ZeroDivisionError):
        async with writing(pool, ANA) as connection:
            await connection.execute(STATION, "severn")
            raise ZeroDivisionError
    who = ("account", "ana", 7, "192.0.2.7", "drill-7")
    assert [tuple(row) for row in await pool.fetch(ENTRIES)] == [
        ("added", "station", "avon", *who),
        ("exported", "audit", "", *who),
        ("removed", "station", "avon", "platform", "hydroalert", None, None, None),
    ]


async def test_a_change_shows_what_changed_and_secrets_only_that_they_did(connection: Connection) -> None:
    added = "INSERT INTO account (name, role, password) VALUES ('ana', 'viewer', '$argon2id$one')"
    await connection.execute(added)
    await connection.execute("UPDATE account SET password = '$argon2id$two', role = 'operator'")
    await connection.execute("UPDATE account SET role = role")
    entries = await connection.fetch("SELECT act, before, after FROM audit.entry WHERE thing = 'account' ORDER BY id")
    assert [row["act"] for row in entries] == ["added", "changed"]
    assert msgspec.json.decode(entries[1]["before"]) == {"password": "(hidden)", "role": "viewer"}
    assert msgspec.json.decode(entries[1]["after"]) == {"password": "(hidden)", "role": "operator"}
    assert "argon2" not in "".join(row["after"] for row in entries)


async def test_a_database_without_a_superusers_help_says_who_may_still_change_the_audit(
    empty_database_url: str, postgres: Postgres
) -> None:
    migrate(empty_database_url)
    connection = await asyncpg.connect(empty_database_url)
    superuser = await asyncpg.connect(postgres.cluster.superuser_url(empty_database_url.rsplit("/", 1)[1]))
    try:
        assert await who_may_change(connection) == ROLE
        for _ in range(2):
            await superuser.execute(entrenching(ROLE))
            assert await who_may_change(connection) is None
        await superuser.execute(f"GRANT {AUDITOR} TO {ROLE}")
        assert await who_may_change(connection) == ROLE
        await superuser.execute(f"REVOKE {AUDITOR} FROM {ROLE}")
        assert await who_may_change(superuser) == "postgres"
    finally:
        await connection.close()
        await superuser.close()
