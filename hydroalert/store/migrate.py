"""Bring a database to the newest schema: plain SQL files, applied in order, each once, by yoyo."""

from importlib.resources import as_file, files
from urllib.parse import urlsplit, urlunsplit

from hydroalert.domain.errors import Unavailable

_LOCK = 0x48594452  # "HYDR"


def migrate(database_url: str) -> list[str]:
    """Apply every migration that is missing and return their names, oldest first.

    Blocking; safe to run from several processes at once. Raises Unavailable when the database cannot be reached, and
    what the driver raises when a statement fails: a failed migration leaves nothing behind.
    """
    import psycopg  # noqa: PLC0415 - half a second that no other command need spend

    try:
        return _migrate(database_url)
    except psycopg.OperationalError as error:
        raise Unavailable(f"the database does not answer: {error}") from error


def _migrate(database_url: str) -> list[str]:
    from yoyo import get_backend, read_migrations  # noqa: PLC0415 - as above

    with as_file(files("hydroalert.store") / "migrations") as folder:
        migrations = read_migrations(str(folder))
        with get_backend(_yoyo_url(database_url)) as backend:
            backend.execute(f"SELECT pg_advisory_lock({_LOCK})")  # yoyo's own lock row would outlive a kill -9
            missing = backend.to_apply(migrations)
            backend.apply_migrations(missing)
            return [str(migration.id) for migration in missing]


def _yoyo_url(database_url: str) -> str:
    """Name psycopg 3 in the way yoyo reads it."""
    parts = urlsplit(database_url)
    return urlunsplit(parts._replace(scheme="postgresql+psycopg"))
