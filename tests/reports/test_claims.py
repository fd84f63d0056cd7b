"""What a citizen may say, and how what cannot be right is refused."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.reports import DEPTH_CM, Category, Depth
from hydroalert.reports.claims import MAX_AGE, Claim, Sighting, check_claim, plain

NOW = datetime(2026, 11, 28, 6, tzinfo=UTC)


def claim(**said: Any) -> Claim:
    """The claim that a sighting becomes, which is a good one but for what is given."""
    usual = {"lon": 79.86, "lat": 6.93, "seen_at": NOW, "category": "flooded-road", "language": "en"}
    return check_claim(Sighting(**usual | said), NOW)


@pytest.mark.parametrize(
    ("said", "parameter"),
    [
        ({"lon": 180.1}, "lon"),
        ({"lat": -90.1}, "lat"),
        ({"lat": float("nan")}, "lat"),
        ({"lon": 0, "lat": -0.0}, "lon"),
        ({"accuracy_m": -1}, "accuracy_m"),
        ({"accuracy_m": 100_001}, "accuracy_m"),
        ({"accuracy_m": float("nan")}, "accuracy_m"),
        ({"seen_at": NOW + timedelta(minutes=5, seconds=1)}, "seen_at"),
        ({"seen_at": NOW - MAX_AGE - timedelta(seconds=1)}, "seen_at"),
        ({"seen_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))}, "seen_at"),
        ({"category": "flood"}, "category"),
        ({"depth": "1.2 m"}, "depth"),
        ({"depth": "Knee"}, "depth"),
        ({"depth": "knee", "depth_cm": 50}, "depth"),
        ({"depth_cm": "1.2 m"}, "depth_cm"),
        ({"depth_cm": "120"}, "depth_cm"),
        ({"depth_cm": 1.2}, "depth_cm"),
        ({"depth_cm": -1}, "depth_cm"),
        ({"depth_cm": 1001}, "depth_cm"),
        ({"depth_cm": float("inf")}, "depth_cm"),
        ({"text": "x" * 2001}, "text"),
        ({"language": "english please"}, "language"),
        ({"language": ""}, "language"),
        ({"language": "en" + "-abcdefgh" * 4}, "language"),
        ({"contact": "call me"}, "contact"),
        ({"contact": "0771234567"}, "contact"),
        ({"contact": "a@b"}, "contact"),
        ({"contact": "a@b.c\x00"}, "contact"),
        ({"contact": "Asha <a@example.org>"}, "contact"),
        ({"contact": "x" * 250 + "@example.org"}, "contact"),
    ],
    ids=str,
)
def test_what_cannot_be_right_is_refused_by_its_name(said: dict[str, Any], parameter: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        claim(**said)
    assert refused.value.parameter == parameter


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"seen_at": NOW + timedelta(minutes=5)}, {"seen_at": NOW + timedelta(minutes=5)}),
        ({"seen_at": NOW - MAX_AGE}, {"seen_at": NOW - MAX_AGE}),
        ({"lon": 180, "lat": -90}, {"lon": 180, "lat": -90}),
        ({"depth": "waist"}, {"depth_word": Depth.WAIST, "depth_cm": DEPTH_CM[Depth.WAIST]}),
        ({"depth_cm": 120.0}, {"depth_word": None, "depth_cm": 120}),
        ({"depth_cm": 0}, {"depth_word": None, "depth_cm": 0}),
        ({"category": "people-in-danger"}, {"category": Category.PEOPLE_IN_DANGER}),
        ({"text": " e\u0301\x00\u202e\n "}, {"text": "\u00e9"}),
        ({"text": "\u200b \u2060\u200d"}, {"text": ""}),
        ({"language": "SI"}, {"language": "si"}),
        ({"language": "pt-BR"}, {"language": "pt-BR"}),
        ({"contact": "  "}, {"contact": None}),
        ({"contact": "Asha.P+flood@Example.ORG "}, {"contact": "asha.p+flood@example.org"}),
        ({"contact": "0094 (77) 123-4567"}, {"contact": "+94771234567"}),
        ({"contact": "+94 77 123 4567"}, {"contact": "+94771234567"}),
    ],
    ids=str,
)
def test_what_can_be_right_is_kept_in_one_form(said: dict[str, Any], kept: dict[str, Any]) -> None:
    found = msgspec.structs.asdict(claim(**said))
    assert {name: found[name] for name in kept} == kept


@given(st.text(max_size=300))
def test_words_that_are_kept_can_be_shown_and_are_kept_alike_when_they_come_again(text: str) -> None:
    kept = plain(text)
    assert plain(kept) == kept
    assert "\x00" not in kept
    assert kept.encode().decode() == kept
