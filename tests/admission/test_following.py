"""Following the registry ends when it is told to, whatever else happens at that moment."""

import asyncio

import pytest

from hydroalert.admission.service import _changes


async def test_a_cancellation_that_comes_together_with_the_loss_of_the_database_is_not_swallowed() -> None:
    heard: asyncio.Queue[tuple[str, str] | None] = asyncio.Queue()
    following = asyncio.create_task(_changes(heard))
    await asyncio.sleep(0)
    heard.put_nowait(None)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


async def test_changes_that_came_together_are_read_together() -> None:
    heard: asyncio.Queue[tuple[str, str] | None] = asyncio.Queue()
    for device in ("river-1", "river-2", "river-1"):
        heard.put_nowait(("registry", device))
    assert await _changes(heard) == {"river-1", "river-2"}
