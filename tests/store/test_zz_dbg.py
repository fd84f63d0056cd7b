from tests.store.test_digest import *
async def test_dbg(pool, sealer):
    async with pool.acquire() as c:
        await plant_device(c, sealer); level=await level_of(c)
        await says(c, level, 2, 2.0)
        print(await c.fetch("select * from settlement")); print(await c.fetchval("select clock_timestamp()"))
        async with c.transaction():
            print(await fold_settlements(c)); print(await c.fetch("select * from latest"), await c.fetch("select * from settlement"))
