"""What devices have to say, and when."""

from collections import Counter
from random import Random

from device_sim.catchment import River
from device_sim.feeds.load import LoadFeed
from device_sim.feeds.replay import BackfillFeed, LiveFeed, LiveTime, readings_of
from device_sim.feeds.storm import Clock, StormFeed
from device_sim.fleet import Member, Stream
from device_sim.packs import decode_pack
from device_sim.sources import Sample
from firmware_protocol.frames import Content
from firmware_protocol.senml import Reading

NOW = 1_760_000_000_000
MEMBER = Member("d", "s", 1, "00" * 32, (Stream("level", "m", 900), Stream("rainfall", "mm", 900)))
SAMPLES = [Sample(NOW + 900_000 * n, float(n)) for n in range(25)]


def test_a_backfill_says_every_reading_once_oldest_first() -> None:
    feed = BackfillFeed(readings_of("level", "m", list(reversed(SAMPLES)), None), records=4)
    packs = []
    while feed.next_ms() is not None:
        packs += feed.take(0, 2)
    said = [reading.time_ms for pack in packs for reading in pack.readings]
    assert said == [sample.time_ms for sample in SAMPLES]
    assert max(len(pack.readings) for pack in packs) == 4


def test_in_live_time_the_file_begins_now_and_runs_as_fast_as_told() -> None:
    live = LiveTime(start_ms=NOW * 2, origin_ms=NOW, speed=60)
    times = [reading.time_ms for reading in readings_of("level", "m", SAMPLES, live)]
    assert times[0] == NOW * 2
    assert times[1] - times[0] == 15_000


def test_no_two_readings_of_a_series_share_a_millisecond_however_fast_time_runs() -> None:
    live = LiveTime(start_ms=NOW, origin_ms=NOW, speed=1e9)
    times = [reading.time_ms for reading in readings_of("level", "m", SAMPLES, live)]
    assert len(set(times)) == len(SAMPLES)


def test_a_live_reading_waits_for_its_time() -> None:
    feed = LiveFeed(readings_of("level", "m", SAMPLES, None), records=10)
    assert feed.take(NOW - 1, 10) == []
    assert [len(pack.readings) for pack in feed.take(NOW + 900_000, 10)] == [2]
    assert feed.next_ms() == NOW + 1_800_000


def storm_feed(speed: float = 60) -> tuple[StormFeed, River]:
    river = River(3, 1)
    return StormFeed(MEMBER, 1, river, Clock(NOW, 0, speed), Random(1)), river


def test_a_gauge_speaks_at_once_and_then_in_the_rivers_rhythm() -> None:
    feed, _ = storm_feed()
    assert feed.next_ms() == NOW
    assert {reading.code for reading in feed.take(NOW, 9)[0].readings} == {"level", "rainfall"}
    following = feed.next_ms()
    assert following is not None
    assert NOW < following <= NOW + 15_000
    assert feed.take(NOW, 9) == []


def test_the_past_goes_out_before_the_present() -> None:
    feed, river = storm_feed()
    feed.remember_past([(NOW - 2000, river.read()[1]), (NOW - 1000, river.read()[1])])
    first = feed.take(NOW, 9)
    assert {reading.time_ms for pack in first for reading in pack.readings} == {NOW - 2000, NOW - 1000}
    assert feed.take(NOW, 9)[0].readings[0].time_ms == NOW


def test_rain_that_was_told_is_not_told_again() -> None:
    feed, river = storm_feed(speed=3600)
    told = 0.0
    for second in range(60):
        for pack in feed.take(NOW + second * 1000, 9):
            told += sum(reading.value for reading in pack.readings if reading.code == "rainfall")
    assert told > 0
    assert abs(told - river.read()[1].rain_mm) < 0.4


def test_load_says_each_key_once_and_its_own_packing_reads_as_the_firmwares() -> None:
    feed = LoadFeed(MEMBER, records=3, every_ms=0.0, delay_ms=0, frames=50)
    packs = feed.take(NOW, 100)
    keys = Counter((reading.code, reading.time_ms) for pack in packs for reading in pack.readings)
    assert len(packs) == 50
    assert feed.next_ms() is None
    assert set(keys.values()) == {1}
    for pack in packs:
        assert pack.body is not None
        assert decode_pack(pack.body, Content.SENML_JSON) == list(pack.readings)


def test_load_at_a_pace_sends_one_frame_a_beat() -> None:
    feed = LoadFeed(MEMBER, records=1, every_ms=100.0, delay_ms=30, frames=None)
    feed.take(NOW, 9)
    assert [len(feed.take(NOW + after, 9)) for after in (29, 30, 31, 330)] == [0, 1, 0, 3]


def test_a_pack_of_the_firmware_is_read_back_from_json_and_from_cbor() -> None:
    from firmware_protocol.senml import encode_pack  # noqa: PLC0415

    readings = [Reading("level", NOW, -1.25, "m"), Reading("rainfall", NOW + 1, 0.2, "mm"), Reading("x", NOW, 3)]
    for cbor, content in ((False, Content.SENML_JSON), (True, Content.SENML_CBOR)):
        assert decode_pack(encode_pack(readings, cbor=cbor), content) == readings
