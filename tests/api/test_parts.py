"""Laws of the parts that need no server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.api.cursors import seal, unseal
from hydroalert.api.formats import choose_format
from hydroalert.api.health.broker import BrokerState
from hydroalert.api.health.checks import check_bridge, check_broker, check_clock, check_database, worst
from hydroalert.api.limiter import Limiter
from hydroalert.api.parameters import parse_time
from hydroalert.domain.clock import BUILT
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.reading_health import Bridge

OFFERED = {"json": "application/json", "csv": "text/csv"}


@pytest.mark.parametrize(
    ("wanted", "accept", "chosen"),
    [
        (None, None, "json"),
        (None, "*/*", "json"),
        (None, "text/csv", "csv"),
        (None, "TEXT/CSV; Q=0.9", "csv"),
        (None, "text/*", "csv"),
        (None, "application/json, text/csv", "json"),
        (None, "text/csv;q=0.4, application/json;q=0.5", "json"),
        (None, "text/csv;q=0.5, */*;q=0.4", "csv"),
        (None, "image/png", "json"),
        (None, "text/csv;q=rubbish", "json"),
        (None, ",;,", "json"),
        ("csv", "application/json", "csv"),
        ("json", "text/csv", "json"),
    ],
)
def test_the_query_decides_the_format_and_else_the_accept_header(
    wanted: str | None, accept: str | None, chosen: str
) -> None:
    assert choose_format(wanted, accept, OFFERED) == OFFERED[chosen]


@given(st.text(), st.lists(st.one_of(st.integers(-(2**53), 2**53), st.text(max_size=30))), st.binary(min_size=32))
def test_a_cursor_opens_only_with_its_key_and_for_its_question(
    question: str, position: list[int | str], key: bytes
) -> None:
    cursor = seal(key, question, position)
    if len(cursor) <= 512:
        assert unseal(key, question, cursor, list) == position
    for other_key, other_question in ((key + b"x", question), (key, question + "x")):
        with pytest.raises(InvalidInput):
            unseal(other_key, other_question, cursor, list)


@given(st.text(max_size=80))
def test_text_that_nobody_sealed_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidInput):
        unseal(bytes(32), "stations", text, int)


@given(st.datetimes(datetime(1000, 1, 3), datetime(9999, 12, 29)), st.integers(-1439, 1439))  # noqa: DTZ001
def test_a_time_means_the_same_at_every_offset(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    offset = timedelta(minutes=minutes)
    sign, there = "-" if minutes < 0 else "+", f"{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    text = f"{(naive + offset).isoformat(timespec='microseconds')}{sign}{there}"
    assert parse_time(text, "from") == moment


def test_an_address_that_sends_too_often_waits_and_others_do_not() -> None:
    limiter = Limiter(rate_per_s=2, burst=3)
    assert [limiter.wait_s("192.0.2.1", 10.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert limiter.wait_s("192.0.2.2", 10.0) == 0
    assert limiter.wait_s("192.0.2.1", 10.25) == 0.25
    assert limiter.wait_s("192.0.2.1", 10.5) == 0


def test_a_whole_ipv6_subscriber_shares_one_bucket() -> None:
    limiter = Limiter(rate_per_s=1, burst=1)
    assert limiter.wait_s("2001:db8:1:2::1", 0.0) == 0
    assert limiter.wait_s("2001:db8:1:2:ffff::9", 0.0) > 0
    assert limiter.wait_s("2001:db8:1:3::1", 0.0) == 0


def test_the_limiter_remembers_a_bounded_number_of_addresses() -> None:
    limiter = Limiter(max_clients=10)
    for number in range(1000):
        limiter.wait_s(f"client-{number}", 0.0)
    assert len(limiter._buckets) == 10


def test_a_clock_behind_what_is_stored_or_before_its_build_is_doubted() -> None:
    now = BUILT + timedelta(days=100)
    assert check_clock(now, now, True).verdict == "ok"
    assert check_clock(now, None, None).verdict == "ok"
    assert check_clock(now, now + timedelta(minutes=1), True).verdict == "failed"
    assert check_clock(BUILT - timedelta(days=1), None, True).verdict == "failed"
    assert check_clock(now, now, False).verdict == "warning"


def test_a_bridge_without_a_living_worker_has_failed_and_one_with_free_lanes_is_a_warning() -> None:
    def bridge(workers: int, free: int) -> Bridge:
        return Bridge(workers, 2, free, lane_lag=0, settlements=0, oldest_s=0.0)

    assert check_bridge(bridge(0, 0)).verdict == "failed"
    assert check_bridge(bridge(1, 1)).verdict == "warning"
    assert check_bridge(bridge(1, 0)).verdict == "ok"
    assert check_bridge(None).verdict == "failed"


def test_messages_that_the_broker_dropped_are_a_warning() -> None:
    assert check_broker(BrokerState(reachable=True, detail="", dropped=1)).verdict == "warning"
    assert check_broker(BrokerState(reachable=True, detail="", dropped=0)).verdict == "ok"
    assert check_broker(BrokerState(reachable=False, detail="refused")).verdict == "failed"


def test_the_worst_check_is_the_verdict() -> None:
    failed, ok = check_database(None), check_database(0.001)
    warning = check_broker(BrokerState(reachable=True, detail="", dropped=1))
    assert [worst(checks) for checks in ([], [ok], [ok, warning], [warning, failed, ok])] == [
        "ok",
        "ok",
        "warning",
        "failed",
    ]
