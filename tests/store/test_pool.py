"""Whoever goes on after a lost connection goes on no longer than it is wanted."""

import asyncio

import pytest

from hydroalert.store import TRANSIENT, heed_cancellation


async def ends_a_transaction_on_a_dead_connection(begun: asyncio.Event) -> None:
    """As asyncpg does when it is cancelled meanwhile: its own error takes the place of the cancellation."""
    begun.set()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise ConnectionError from None


async def test_a_cancellation_that_the_databases_own_error_hid_is_heeded() -> None:
    begun = asyncio.Event()

    async def works_for_ever() -> None:
        while True:
            try:
                await ends_a_transaction_on_a_dead_connection(begun)
            except TRANSIENT:
                heed_cancellation()

    working = asyncio.create_task(works_for_ever())
    await begun.wait()
    working.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await working


async def test_who_was_not_cancelled_goes_on() -> None:
    heed_cancellation()
