"""Laws of looking at a file before it is decoded: what its structure says decides, not what it is called."""

import pytest

from hydroalert.evidence.picture import WHAT_TO_DO, Kind, Refusal, Survey, Word
from hydroalert.evidence.surveying import survey
from tests.evidence import corpus


def test_forty_million_pixels_are_taken_and_no_row_more() -> None:
    jpeg = corpus.saved(corpus.scene())
    largest = survey(corpus.resized_header(jpeg, 8_000, 5_000))
    assert isinstance(largest, Survey)
    assert (largest.kind, largest.width, largest.height) == (Kind.JPEG, 8_000, 5_000)
    assert survey(corpus.resized_header(jpeg, 8_000, 5_001)) == Refusal(Word.TOO_MANY_PIXELS)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_end_and_the_size_are_those_that_a_decoder_finds(kind: Kind) -> None:
    picture = corpus.saved(corpus.scene(size=(333, 77)), kind, exif=corpus.exif())
    found = survey(picture + bytes(10))
    assert isinstance(found, Survey)
    assert (found.kind, found.width, found.height, found.end) == (kind, 333, 77, len(picture))
    assert found.exif is not None
    assert found.exif[:4] in {b"II*\0", b"MM\0*"}


def test_every_word_says_what_to_do() -> None:
    assert set(WHAT_TO_DO) == set(Word)
