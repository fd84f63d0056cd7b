"""What was stored and registered is there after Ctrl-C and a second start; what was spooled arrives after it."""

from firmware_protocol.senml import Reading

from tests.journey._gauge import Gauge, now_ms
from tests.journey._platform import Platform


async def test_a_second_start_goes_on_where_the_first_stopped(platform: Platform) -> None:
    gauge = Gauge(platform)
    await gauge.deliver(Reading("level", now_ms(), 1.0, "m"))
    before = platform.observations(gauge.station)

    platform.stop()
    assert not platform.is_announced
    gauge.device.record([Reading("level", now_ms(), 2.0, "m")])
    platform.start()

    assert platform.observations(gauge.station) == before
    await gauge.deliver(Reading("level", now_ms(), 3.0, "m"))
    assert [result for _, result in platform.observations(gauge.station)] == [1.0, 2.0, 3.0]
