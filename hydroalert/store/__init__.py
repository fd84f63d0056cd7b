"""What is kept: the only SQL and the only asyncpg of HydroAlert."""

from hydroalert.store.pool import LOST, TRANSIENT, Connection, Pool, open_pool

__all__ = ["LOST", "TRANSIENT", "Connection", "Pool", "open_pool"]
