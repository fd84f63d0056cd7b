"""The schema that the migrations build, as one file to read: `python -m tests.store.schema` writes it anew.

Beside it the checksums of the migrations: yoyo does not notice that a file was edited after it was applied.
"""

import hashlib
import re
import subprocess
from pathlib import Path

from hydroalert.embedded.postgres import find_binaries
from hydroalert.store.migrate import migrate
from tests._services import running_postgres

STORE = Path(__file__).parents[2] / "hydroalert" / "store"
SCHEMA = STORE / "schema.sql"
MIGRATIONS = STORE / "migrations"
CHECKSUMS = MIGRATIONS / "CHECKSUMS"
HEADER = (
    "-- What the migrations build, to be read; written by `python -m tests.store.schema`, proved fresh by a test.\n\n"
)
_NOT_SCHEMA = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\.*)$\n?", re.MULTILINE)


def dump(database_url: str) -> str:
    """The schema without what differs between versions of pg_dump, and without yoyo's own tables."""
    command = [find_binaries() / "pg_dump", "--schema-only", "--no-owner", "--no-privileges", "--no-comments"]
    command += ["--exclude-table=*yoyo*", f"--dbname={database_url}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return HEADER + re.sub(r"\n{3,}", "\n\n", _NOT_SCHEMA.sub("", text)).strip() + "\n"


def checksums() -> str:
    """SHA-256 of each migration, as `sha256sum` writes it."""
    files = sorted(MIGRATIONS.glob("*.sql"))
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def main() -> None:
    """Migrate a private, empty database and write what came of it."""
    with running_postgres() as postgres:
        name = postgres.create()
        migrate(postgres.url(name))
        SCHEMA.write_text(dump(postgres.url(name)))
    CHECKSUMS.write_text(checksums())


if __name__ == "__main__":
    main()
