"""Laws of `/api/v1/stream`."""

import httpx

from tests.api.alarms import Alarms
from tests.api.live.following import Heard, following


def numbers(heard: list[Heard], name: str = "alert") -> list[tuple[str, int]]:
    """(area, revision) of each event of that name."""
    return [(one.data["area"], one.data["revision"]) for one in heard if one.name == name]


async def test_the_state_comes_first_and_then_each_change(alarms: Alarms, client: httpx.AsyncClient) -> None:
    await alarms.add_area("avon")
    await alarms.revise("avon", "minor")
    async with following(client) as follower:
        heard = await follower.until("alert")
        assert numbers(heard) == [("avon", 1)]
        await alarms.revise("avon", "severe")
        alert = await follower.alert()
        assert (alert.id, alert.data["severity"]) == ("avon:2", "severe")
        assert follower.retry_ms > 0
