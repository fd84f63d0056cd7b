"""LISTEN: hear at once that something changed."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import asyncpg

from hydroalert.domain.errors import Unavailable
from hydroalert.store.pool import LOST

_ASK_EVERY_S = 20
_ANSWER_WITHIN_S = 10


@asynccontextmanager
async def listening(database_url: str, channels: Iterable[str]) -> AsyncIterator[asyncio.Queue[tuple[str, str] | None]]:
    """A queue of (channel, payload); None in it means that the connection is lost.

    Raises Unavailable when the database cannot be reached. What changed before this was entered is not in the
    queue: read it after entering.
    """
    heard: asyncio.Queue[tuple[str, str] | None] = asyncio.Queue()
    try:
        connection = await asyncpg.connect(database_url, timeout=10)
    except (*LOST, asyncpg.PostgresError) as error:
        raise Unavailable(f"the database does not answer: {error}") from error
    asking = None
    try:
        connection.add_termination_listener(lambda _: heard.put_nowait(None))
        await _listen(connection, channels, heard)
        asking = asyncio.create_task(_ask_now_and_then(connection, heard), name="listening")
        yield heard
    finally:
        if asking is not None:
            asking.cancel()
        connection.terminate()


async def _listen(
    connection: "asyncpg.Connection[asyncpg.Record]",
    channels: Iterable[str],
    heard: asyncio.Queue[tuple[str, str] | None],
) -> None:
    """Raises Unavailable: a database that let us in may die before it listens."""
    try:
        for channel in channels:
            await connection.add_listener(channel, lambda *said: heard.put_nowait((said[2], said[3])))
    except (*LOST, asyncpg.PostgresError) as error:
        raise Unavailable(f"the database does not answer: {error}") from error


async def _ask_now_and_then(
    connection: "asyncpg.Connection[asyncpg.Record]", heard: asyncio.Queue[tuple[str, str] | None]
) -> None:
    """Find out that a connection is dead when nobody says so: who only listens would listen for ever."""
    try:
        while True:
            await asyncio.sleep(_ASK_EVERY_S)
            await connection.execute("SELECT", timeout=_ANSWER_WITHIN_S)
    except (*LOST, asyncpg.PostgresError):
        heard.put_nowait(None)
