"""What a bridge does while it cannot trust its own clock, or its own master key."""

import asyncio
import secrets
from datetime import timedelta

import msgspec
import pytest

from hydroalert.admission.service import Admission, Settings
from hydroalert.bridge.beats import Beats, Voice
from hydroalert.bridge.service import run_bridge
from hydroalert.bridge.session import Session
from hydroalert.domain.errors import SecretsError
from hydroalert.store.sealing import Sealer
from tests.bridge.river import MASTER_KEY, PATIENCE_S, Device, River
from tests.store.planting import NOON, level_of, plant_device, settle_values

COUNTS = "SELECT (SELECT count(*) FROM settlement), (SELECT count(*) FROM latest)"


def beats_of(river: River, admission: Admission) -> Beats:
    """A worker's beats; nobody hears their voice."""
    session = Session(river.broker.url, "_bridge", "", secrets.token_hex(16), receive_maximum=1, persistent=False)
    return Beats(river.pool, admission, Voice(session, river.pool), timedelta(days=10_958))


async def counts(river: River) -> tuple[int, ...]:
    """(settlements that wait, newest values)."""
    return tuple(await river.pool.fetchrow(COUNTS) or ())


async def test_while_the_clock_is_in_doubt_nothing_is_folded_and_afterwards_all_of_it(river: River) -> None:
    async with river.pool.acquire() as connection:
        await plant_device(connection, Sealer(MASTER_KEY))
        await settle_values(connection, await level_of(connection), [(NOON, 1.0)], NOON)
        began = await connection.fetchval("SELECT clock_timestamp()")
    admission = Admission(river.database_url, river.pool, Sealer(MASTER_KEY), Settings())
    admission.clock_is_good = False
    beating = asyncio.create_task(beats_of(river, admission).digest())

    async def has_beaten() -> bool:
        return bool(await river.pool.fetchval("SELECT at > $1 FROM beat WHERE name = 'digest'", began))

    async def is_folded() -> bool:
        return await counts(river) == (0, 1)

    await river.until(has_beaten)
    assert await counts(river) == (1, 0)
    admission.clock_is_good = True
    await river.until(is_folded)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


async def test_a_bridge_with_another_master_key_ends_instead_of_refusing_every_frame(
    river: River, device: Device
) -> None:
    async with river.bridge():
        pass
    with pytest.raises(ExceptionGroup) as ended:
        async with asyncio.timeout(PATIENCE_S):
            await run_bridge(msgspec.structs.replace(river.options(), master_key=bytes(32)))
    assert ended.group_contains(SecretsError, match="another master key")
    assert await river.lanes_held(0)
    assert await river.pool.fetchval("SELECT count(*) FROM refused_frame") == 0
    assert await river.stored(device) == 0
