"""What the broker must hear of devices: rows that a bridge carries to it, and the accounts that they stand for."""

import structlog

from hydroalert.domain.errors import SecretsError
from hydroalert.domain.registry import BrokerAccount
from hydroalert.store.pool import Connection, Pool
from hydroalert.store.sealing import Sealer, password_purpose

_log = structlog.get_logger()
_BROKER_LOCK = 0x42524F4B

_ACCOUNTS = """
SELECT id, code, password, revoked_at FROM device WHERE $1::int[] IS NULL OR id = ANY ($1) ORDER BY code
"""
_WAITS = """
SELECT EXISTS (SELECT FROM broker_change JOIN device ON device.id = device_id WHERE code::text = $1)
"""


async def tell_broker(connection: Connection, device_id: int) -> None:
    """Let whoever runs the bridge carry this device to the broker, once the caller's transaction has committed."""
    await connection.execute("INSERT INTO broker_change (device_id) VALUES ($1)", device_id)


async def claim_broker_changes(connection: Connection) -> list[int]:
    """The ids of devices that the broker must hear of; forgotten when the caller's transaction commits.

    Revoked devices come first, and few at a time, so that none of them waits for a fleet that is being registered.
    One transaction at a time holds claims: two that told the broker of one device could tell it in the wrong order.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _BROKER_LOCK)
    claimed = await connection.fetch(
        "DELETE FROM broker_change WHERE id IN ("
        "SELECT broker_change.id FROM broker_change JOIN device ON device.id = device_id "
        "ORDER BY revoked_at IS NULL, broker_change.id LIMIT 50) RETURNING device_id"
    )
    return [row["device_id"] for row in claimed]


async def count_broker_changes(pool: Pool) -> int:
    """How many changes the broker has not heard of."""
    waiting: int = await pool.fetchval("SELECT count(*) FROM broker_change")
    return waiting


async def is_broker_told(connection: Connection, device: str) -> bool:
    """Whether the broker has heard of everything that changed about a device."""
    waiting: bool = await connection.fetchval(_WAITS, device)
    return not waiting


async def broker_accounts(
    connection: Connection, sealer: Sealer, device_ids: list[int] | None = None
) -> list[BrokerAccount]:
    """The broker accounts of the devices named, or of all. One whose password does not open is left out and logged."""
    accounts = []
    for row in await connection.fetch(_ACCOUNTS, device_ids):
        try:
            password = sealer.open(row["password"], password_purpose(row["code"])).decode()
        except SecretsError as error:
            _log.error("password_unreadable", error=str(error))
            continue
        accounts.append(BrokerAccount(row["code"], password, row["revoked_at"] is None))
    return accounts
