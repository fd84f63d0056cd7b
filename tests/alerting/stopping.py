"""A publisher in a process of its own that stops itself between reading a state and sending it, once."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

import aiomqtt

from hydroalert.alerting import session
from hydroalert.alerting.pulse import Pulse
from hydroalert.alerting.retained import Message

_send = session.say
_stopped = False


async def _stop_then_say(client: aiomqtt.Client, messages: Sequence[Message]) -> None:
    global _stopped
    first, _stopped = not _stopped, True
    if first:
        os.kill(os.getpid(), signal.SIGSTOP)
    await _send(client, messages)
    if first:
        print("sent", file=sys.stderr, flush=True)


if __name__ == "__main__":
    database_url, broker_url, password = sys.argv[1:]
    session.LOCKS_FOR_S = 1
    session.say = _stop_then_say
    asyncio.run(session.keep_published(database_url, session.Entry(broker_url, password, "stopping"), Pulse()))
