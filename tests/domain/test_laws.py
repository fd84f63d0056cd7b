"""Codes, units and the clock."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.domain.clock import BUILT, EPOCH, from_ms, is_doubtful, rfc3339, to_ms
from hydroalert.domain.codes import code_from, is_code, is_datastream_code
from hydroalert.domain.refusals import UNAUTHENTICATED, Reason
from hydroalert.domain.units import divisor

moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
WORDS = (
    "unsupported_version malformed unsupported_content unknown_device revoked_device unknown_key bad_tag over_quota "
    "bad_body unknown_datastream wrong_unit not_a_number relative_time time_in_future time_too_old"
)


@pytest.mark.parametrize("text", ["a", "0", "a-b", "a--b", "a" * 63, "0-"])
def test_a_code_is_one_to_63_small_letters_digits_and_hyphens(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize("text", ["", "-a", "A", "a_b", "a" * 64, "a\n", "é", "a b", "_bridge"])
def test_anything_else_is_no_code(text: str) -> None:
    assert not is_code(text)


@pytest.mark.parametrize(("text", "good"), [("level", True), ("level_b", True), ("a" * 32, True), ("a" * 33, False),
                                            ("", False), ("1a", False), ("_a", False), ("a-b", False), ("Level", False),
                                            ("level\n", False)])  # fmt: skip
def test_a_datastream_code_begins_with_a_letter_and_may_have_underscores(text: str, good: bool) -> None:
    assert is_datastream_code(text) is good


@given(st.text(max_size=200))
def test_a_name_from_elsewhere_becomes_a_code_or_nothing(text: str) -> None:
    code = code_from(text)
    assert code == "" or is_code(code)
    assert code_from(code) == code


def test_runs_of_other_signs_become_one_hyphen_and_ends_are_trimmed() -> None:
    assert code_from("  Kalu Ganga / Ratnapura (No. 7) ") == "kalu-ganga-ratnapura-no-7"


@given(st.sampled_from(["m", "cm", "mm", "", "Ω", "anything"]))
def test_a_unit_is_itself_undivided(unit: str) -> None:
    assert divisor(unit, unit) == 1


@pytest.mark.parametrize(
    ("given_unit", "own"), [("m", "cm"), ("m", "mm"), ("km", "m"), ("M", "m"), ("m ", "m"), ("", "m")]
)
def test_no_unit_is_converted_by_multiplying_or_by_resemblance(given_unit: str, own: str) -> None:
    assert divisor(given_unit, own) is None


@given(st.integers(-(10**12), 10**13))
def test_milliseconds_survive_the_way_to_a_time_and_back(unix_ms: int) -> None:
    assert to_ms(from_ms(unix_ms)) == unix_ms


@given(moments)
def test_a_time_in_milliseconds_is_rounded_down(moment: datetime) -> None:
    assert timedelta(0) <= moment - from_ms(to_ms(moment)) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (EPOCH, "1970-01-01T00:00:00.000Z"),
        (datetime(2025, 11, 28, 12, 0, 0, 7_999, tzinfo=timezone(timedelta(hours=5.5))), "2025-11-28T06:30:00.007Z"),
    ],
)
def test_a_time_is_shown_in_utc_with_milliseconds_and_z(moment: datetime, shown: str) -> None:
    assert rfc3339(moment) == shown


@pytest.mark.parametrize(
    ("now", "newest", "doubtful"),
    [
        (BUILT - timedelta(seconds=1), None, True),
        (BUILT, None, False),
        (BUILT, BUILT + timedelta(seconds=5), False),
        (BUILT, BUILT + timedelta(seconds=6), True),
        (BUILT + timedelta(days=9999), BUILT, False),
    ],
)
def test_a_clock_is_doubted_before_its_build_and_behind_what_is_stored(
    now: datetime, newest: datetime | None, doubtful: bool
) -> None:
    assert is_doubtful(now, newest) is doubtful


def test_the_reasons_are_the_words_of_the_contract_in_its_order() -> None:
    assert [*Reason] == WORDS.split()


def test_what_anybody_could_have_sent_is_what_no_good_tag_stands_under() -> None:
    assert {Reason.UNKNOWN_DEVICE, Reason.REVOKED_DEVICE, Reason.UNKNOWN_KEY, Reason.BAD_TAG} == UNAUTHENTICATED
