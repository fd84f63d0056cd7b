"""Sends one mail that does not come to an end, and ends: `python -m tests.alerting.notify.trickled URL`."""

import asyncio
import sys
from datetime import UTC, datetime

from hydroalert.alerting.notify.apprise_sender import AppriseSender
from hydroalert.alerting.notify.messages import trial
from hydroalert.wire.addresses import parse_address


async def main(url: str) -> None:
    """Say what came of it."""
    sender = AppriseSender(timeout_s=0.5)
    print(await sender.send(parse_address(url, bytes(32)), trial("officer", datetime.now(UTC))))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
