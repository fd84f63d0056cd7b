"""Faults: each can be switched, each is on record, and none of them is mistaken for a good frame."""

import json
from dataclasses import fields, replace
from random import Random

import pytest
from device_sim.feeds import Pack
from device_sim.mischief import FaultySensor, Rates, Tamperer
from firmware_protocol.device import Publication
from firmware_protocol.frames import Header, frames_topic, sign_frame
from firmware_protocol.senml import Reading, encode_pack

from tests.device_sim.stand_in import KEY, StandIn

NOW = 1_760_000_000_000
TOPIC = frames_topic("d")


def good(sequence: int) -> Publication:
    body = encode_pack([Reading("level", NOW + sequence, 1.5, "m")])
    return Publication(TOPIC, sign_frame(KEY, TOPIC, Header(0, 1, 3, 9, sequence), body))


def only(**rates: float) -> Rates:
    return replace(Rates.none(), **rates)


class Steady:
    """A feed of one reading a call."""

    def next_ms(self) -> int | None:
        return 0

    def take(self, now_ms: int, most: int) -> list[Pack]:
        return [Pack([Reading("level", now_ms, now_ms % 100 / 10, "m"), Reading("battery", now_ms, 4.0, "V")])]


@pytest.mark.parametrize("kind", ["forged", "truncated"])
def test_a_bad_frame_is_refused_by_an_independent_judge_for_the_reason_on_record(kind: str) -> None:
    tamperer = Tamperer(only(**{kind: 1.0}), Random(5))
    for sequence in range(200):
        _, injected = tamperer.tamper("d", [good(sequence)])
        judge = StandIn()
        assert judge.judge(TOPIC, injected[0].publication.payload) is None
        assert judge.refused["d"] == [injected[0].entry.expected]
        assert injected[0].entry.kind == kind
        assert not injected[0].entry.readings


@pytest.mark.parametrize("kind", ["duplicate", "replayed"])
def test_a_frame_sent_again_is_byte_for_byte_one_that_was_sent(kind: str) -> None:
    tamperer = Tamperer(only(**{kind: 1.0}), Random(5))
    genuine = {good(sequence).payload for sequence in range(50)}
    for sequence in range(50):
        _, injected = tamperer.tamper("d", [good(sequence)])
        assert all(one.publication.payload in genuine and one.entry.expected is None for one in injected)


def test_reordering_loses_and_adds_nothing() -> None:
    going = [good(sequence) for sequence in range(30)]
    out, injected = Tamperer(only(reorder=1.0), Random(5)).tamper("d", going)
    assert injected == []
    assert out != going
    assert sorted(one.payload for one in out) == sorted(one.payload for one in going)


def test_without_rates_nothing_is_touched() -> None:
    going = [good(sequence) for sequence in range(30)]
    assert Tamperer(Rates.none(), Random(5)).tamper("d", going) == (going, [])
    sensor = FaultySensor(Steady(), Rates.none(), Random(5))
    assert sensor.take(NOW, 1) == Steady().take(NOW, 1)


def test_the_same_seed_does_the_same_mischief() -> None:
    rates = Rates(**{one.name: 0.3 for one in fields(Rates)})
    going = [good(sequence) for sequence in range(30)]
    assert Tamperer(rates, Random(5)).tamper("d", going) == Tamperer(rates, Random(5)).tamper("d", going)


def test_a_stuck_sensor_repeats_its_value_for_a_while() -> None:
    sensor = FaultySensor(Steady(), only(stuck=1.0), Random(5))
    values = [sensor.take(NOW + after, 1)[0].readings[0].value for after in range(8)]
    assert len(set(values)) == 1


def test_a_spike_stands_far_above_the_river_and_leaves_the_battery_alone() -> None:
    level, battery = FaultySensor(Steady(), only(spike=1.0), Random(5)).take(NOW, 1)[0].readings
    assert level.value > 30
    assert battery.value == 4.0


def test_a_clock_far_ahead_must_be_refused_and_one_behind_must_not() -> None:
    seen = set()
    for seed in range(40):
        pack = FaultySensor(Steady(), only(clock=1.0), Random(seed)).take(NOW, 1)[0]
        ahead_ms = pack.readings[0].time_ms - NOW
        seen.add(ahead_ms > 0)
        assert pack.expected == ("time_in_future" if ahead_ms > 300_000 else None)
        assert not 0 <= ahead_ms <= 1_800_000
    assert seen == {True, False}


def test_the_bodies_of_good_frames_are_what_the_judge_reads() -> None:
    judge = StandIn()
    assert judge.judge(TOPIC, good(4).payload) == (9, 3, 4, None)
    assert json.loads(good(4).payload[12:-16])[0]["v"] == judge.observations["d", "level", NOW + 4]
