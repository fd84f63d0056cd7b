"""What is kept: the only SQL and the only asyncpg of HydroAlert."""

from hydroalert.store.pool import LOST, POISON, TRANSIENT, UNMIGRATED, Connection, Pool, heed_cancellation, open_pool

__all__ = ["LOST", "POISON", "TRANSIENT", "UNMIGRATED", "Connection", "Pool", "heed_cancellation", "open_pool"]
