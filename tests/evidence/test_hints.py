"""Laws of hints: where and when a picture says that it was taken, and only where that can be."""

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hydroalert.evidence.exif import Exif
from hydroalert.evidence.hints import hints_of
from hydroalert.evidence.likeness import is_telling, likeness_of
from hydroalert.evidence.picture import Hints
from tests.evidence import corpus


def hints(tiff: bytes) -> Hints:
    """Of the TIFF structure of EXIF metadata."""
    return hints_of(Exif(tiff.removeprefix(b"Exif\0\0")))


def test_place_and_time_are_read_and_a_camera_without_an_offset_tells_no_time() -> None:
    taken_at = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
    assert hints(corpus.exif()) == Hints(pytest.approx(79.8612), pytest.approx(6.9271), taken_at)
    assert hints(corpus.exif(offset=None)).at is None
    assert hints(corpus.exif(offset="-03:00")).at == datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    assert hints(corpus.exif(offset="local")).at is None
    assert hints(corpus.exif(place=False)).lon is None


def test_the_satellites_clock_is_believed_before_the_cameras() -> None:
    tags = Image.Exif()
    tags.get_ifd(0x8825).update({7: (6.0, 59.0, 30.0), 29: "2026:11:20"})
    tags.get_ifd(0x8769).update({0x9003: "2019:01:01 00:00:00", 0x9011: "+00:00"})
    assert hints(tags.tobytes()).at == datetime(2026, 11, 20, 6, 59, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lat", "ref"),
    [((91.0, 0.0, 0.0), "N"), ((6.0, 61.0, 0.0), "N"), ((6.0, 0.0, 0.0), "X"), ((6.0, 0.0), "N")],
)
def test_a_place_that_cannot_be_is_no_hint(lat: object, ref: str) -> None:
    tags = Image.Exif()
    tags.get_ifd(0x8825).update({1: ref, 2: lat, 3: "E", 4: corpus.LONGITUDE})
    assert hints(tags.tobytes()) == Hints()


def test_what_divides_by_zero_or_says_nowhere_is_no_hint() -> None:
    rationals = struct.pack("<6I", 6, 0, 0, 1, 0, 1)
    place = corpus.directory((1, 2, 2, ord("N")), (2, 5, 3, 100), (3, 2, 2, ord("E")), (4, 5, 3, 100))
    tiff = corpus.tiff(corpus.directory((0x8825, 4, 1, 26)), place)
    assert hints(tiff.ljust(100, b"\0") + rationals) == Hints()
    assert hints(tiff.ljust(100, b"\0") + struct.pack("<6I", 0, 1, 0, 1, 0, 1)) == Hints()
    assert hints(tiff.ljust(100, b"\0") + struct.pack("<6I", 6, 1, 0, 1, 0, 1)) == Hints(6.0, 6.0)


@given(st.binary(max_size=400).map(lambda tail: b"MM\0*\0\0\0\x08" + tail))
def test_whatever_stands_there_the_hints_are_possible_or_none(tiff: bytes) -> None:
    found, orientation = hints(tiff), Exif(tiff).orientation
    assert 1 <= orientation <= 8
    assert (found.lon is None) == (found.lat is None)


def test_a_plain_picture_tells_nothing_from_another() -> None:
    assert not is_telling(likeness_of(Image.new("RGB", (640, 480), "black")))
    assert all(is_telling(likeness_of(corpus.scene(seed))) for seed in range(20))
