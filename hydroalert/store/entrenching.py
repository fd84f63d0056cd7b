"""Make the audit append-only: give it to a role that nobody logs in as. Only a superuser can."""

from hydroalert.store.pool import Connection

AUDITOR = "hydroalert_auditor"

_ENTRENCH = """\
DO $$ BEGIN CREATE ROLE {auditor} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
ALTER SCHEMA audit OWNER TO {auditor};
ALTER TABLE audit.entry OWNER TO {auditor};
ALTER FUNCTION audit.refuse() OWNER TO {auditor};
REVOKE ALL ON SCHEMA audit FROM PUBLIC, {role};
REVOKE ALL ON audit.entry FROM PUBLIC, {role};
GRANT USAGE ON SCHEMA audit TO {role};
GRANT SELECT, INSERT ({told}) ON audit.entry TO {role};
"""
# Neither its number nor its time: those the database gives, so that nothing can be said to have been earlier.
_TOLD = "actor_kind, actor, account_id, address, request_id, act, thing, target, before, after"

_LOOSE = """
    SELECT current_user FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE pg_class.oid = 'audit.entry'::regclass
      AND (pg_has_role(current_user, relowner, 'MEMBER') OR pg_has_role(current_user, nspowner, 'MEMBER')
           OR has_schema_privilege(current_user, 'audit', 'CREATE')
           OR has_table_privilege(current_user, 'audit.entry', 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
           OR has_any_column_privilege(current_user, 'audit.entry', 'UPDATE'))
"""


def entrenching(role: str) -> str:
    """What a superuser runs after the migrations, so that the platform's `role` may add to the audit and read it, and
    never change or delete it; repeatable."""
    quoted = '"' + role.replace('"', '""') + '"'
    return _ENTRENCH.format(auditor=AUDITOR, role=quoted, told=_TOLD)


async def who_may_change(connection: Connection) -> str | None:
    """The role of this connection where it could change what the audit says; None where it can only add."""
    name: str | None = await connection.fetchval(_LOOSE)
    return name
