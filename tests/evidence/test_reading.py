"""Laws of reading pictures: each is taken or refused with its word, and nothing of it but its pixels is kept."""

import io
import os
import re
import signal

from PIL import Image

from hydroalert.evidence.picture import MAX_EDGE_PIXELS, MAX_THUMBNAIL_PIXELS, Picture, Refusal, Word
from hydroalert.evidence.readers import Readers
from tests.evidence import corpus
from tests.evidence.conftest import Read

_SEGMENT = re.compile(rb"\xff([\xc0-\xcf\xda-\xfe])")


async def test_every_hostile_file_is_refused_with_its_word_by_a_process_that_goes_on(
    read: Read, readers: Readers
) -> None:
    told, pids, hostile = {}, set(), corpus.hostile()
    for name, (data, _) in hostile.items():
        answer, picture, thumbnail = await read(data)
        told[name] = answer.word if isinstance(answer, Refusal) else "taken"
        assert not picture, name
        assert not thumbnail, name
        pids.add(readers._idle[0].pid)
    assert told == {name: word for name, (_, word) in hostile.items()}
    assert len(pids) == 1


async def test_what_telephones_send_is_taken_whatever_hangs_on_it_and_made_a_jpeg(read: Read) -> None:
    for name, data in (corpus.good() | corpus.harmless()).items():
        answer, picture, thumbnail = await read(data)
        assert isinstance(answer, Picture), (name, answer)
        for made, most in ((picture, MAX_EDGE_PIXELS), (thumbnail, MAX_THUMBNAIL_PIXELS)):
            with Image.open(io.BytesIO(made), formats=["JPEG"]) as opened:
                opened.load()
                assert max(opened.size) <= most, name
                assert opened.mode == "RGB", name
        with Image.open(io.BytesIO(picture)) as opened:
            assert opened.size == (answer.width, answer.height)


async def test_a_kind_that_is_not_read_is_called_by_its_name_and_answered_with_what_to_do(read: Read) -> None:
    for name, data in corpus.unsupported().items():
        answer, _, _ = await read(data)
        assert isinstance(answer, Refusal)
        assert answer.detail.startswith(f"This is {name.partition(',')[0]}"), (name, answer)
        assert answer.detail.endswith("Send the picture as JPEG, PNG or WebP.")


async def test_nothing_of_a_pictures_metadata_is_in_what_is_kept(read: Read) -> None:
    for name, data in corpus.with_everything().items():
        assert b"SECRET" in data, name
        answer, *made = await read(data)
        assert isinstance(answer, Picture), (name, answer)
        for kept in made:
            head = kept[: kept.index(b"\xff\xda")]
            assert {found[1][0] for found in _SEGMENT.finditer(head)} <= {0xE0, 0xDB, 0xC0, 0xC4}, name
            assert head.count(b"JFIF") == 1
            assert b"SECRET" not in kept, name


async def test_however_the_camera_was_held_the_picture_stands_upright(read: Read) -> None:
    upright = corpus.scene(size=(160, 120))
    likenesses = set()
    for orientation, turn in enumerate(_HELD, start=1):
        held = upright if turn is None else upright.transpose(turn)
        answer, _, _ = await read(corpus.saved(held, "PNG", exif=corpus.exif(orientation=orientation)))
        assert isinstance(answer, Picture)
        assert (answer.width, answer.height) == (160, 120)
        likenesses.add(answer.likeness)
    assert len(likenesses) == 1


async def test_transparent_is_white_deep_grey_keeps_its_shade_and_a_large_picture_is_made_smaller(read: Read) -> None:
    clear = Image.new("RGBA", (40, 30), (200, 0, 0, 0))
    assert _middle((await read(corpus.saved(clear, "PNG")))[1]) == (255, 255, 255)
    deep = Image.new("I;16", (40, 30), 0x8080)
    assert all(abs(shade - 0x80) <= 1 for shade in _middle((await read(corpus.saved(deep, "PNG")))[1]))
    wide, _, _ = await read(corpus.saved(Image.new("L", (6_000, 300), 90)))
    assert isinstance(wide, Picture)
    assert (wide.width, wide.height) == (4_096, 205)


async def test_the_same_picture_again_is_alike_and_another_is_not(read: Read) -> None:
    async def likeness(picture: Image.Image, **options: int) -> int:
        answer, _, _ = await read(corpus.saved(picture, **options))
        assert isinstance(answer, Picture)
        return answer.likeness

    for seed in range(4):
        picture = corpus.scene(seed)
        first = await likeness(picture, quality=95)
        brighter = picture.point(lambda shade: min(255, int(shade * 1.08)))
        for again in (await likeness(picture, quality=30), await likeness(picture.resize((300, 225))),
                      await likeness(brighter)):  # fmt: skip
            assert _differing_bits(first, again) <= 6
        assert _differing_bits(first, await likeness(corpus.scene(seed + 100))) > 12


async def test_mutated_pictures_are_taken_or_refused_and_end_no_process(read: Read, readers: Readers) -> None:
    words, pids = set(), set()
    for data in corpus.mutants(250, seed=11):
        answer, picture, _ = await read(data)
        pids.add(readers._idle[0].pid if readers._idle else None)
        words.add(answer.word if isinstance(answer, Refusal) else "taken")
        assert isinstance(answer, Picture) == picture.startswith(b"\xff\xd8\xff")
    assert {Word.TRUNCATED, Word.DAMAGED, "taken"} <= words
    assert Word.UNREADABLE not in words
    assert len(pids - {None}) == 3  # each reads a hundred


async def test_a_process_that_hangs_is_ended_and_one_that_died_is_followed_by_another(
    read: Read, readers: Readers
) -> None:
    good = corpus.good()["jpeg"]
    await read(good)
    hung, readers._patience_s = readers._idle[0], 0.1
    os.kill(hung.pid, signal.SIGSTOP)
    assert (await read(good))[0] == Refusal(Word.UNREADABLE)
    readers._patience_s = 30.0
    assert isinstance((await read(good))[0], Picture)
    assert not hung.lives
    died = readers._idle[0]
    os.kill(died.pid, signal.SIGKILL)
    died._process.wait()
    assert isinstance((await read(good))[0], Picture)
    assert readers._idle[0].pid not in {hung.pid, died.pid}


def _middle(jpeg: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(jpeg)) as opened:
        shade = opened.getpixel((opened.width // 2, opened.height // 2))
    assert isinstance(shade, tuple)
    return shade


def _differing_bits(one: int, other: int) -> int:
    return ((one ^ other) & 2**64 - 1).bit_count()


_HELD = (
    None,
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.ROTATE_180,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_90,
    Image.Transpose.TRANSVERSE,
    Image.Transpose.ROTATE_270,
)
"""How a picture lies in the file when the camera was held so: what undoes it is the same, but for quarter turns."""
