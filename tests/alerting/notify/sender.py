"""A notifier of its own process, to be killed: `python -m tests.alerting.notify.sender DATABASE_URL`."""

import asyncio
import sys

from hydroalert.alerting.notify.service import Notifier
from hydroalert.store import open_pool
from hydroalert.store.sealing import Sealer


async def main(database_url: str) -> None:
    """Notify until killed."""
    await Notifier(await open_pool(database_url), Sealer(bytes(range(32)))).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
