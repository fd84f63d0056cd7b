"""The processes that read pictures, and how a test asks them."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from hydroalert.evidence.picture import Picture, Refusal
from hydroalert.evidence.readers import Readers

Made = tuple[Picture | Refusal, bytes, bytes]
"""What a picture is, and what was made of it: the picture and its thumbnail."""
Read = Callable[[bytes], Awaitable[Made]]


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    """One process, begun at the first picture."""
    async with Readers(1) as opened:
        yield opened


@pytest.fixture
def read(readers: Readers) -> Read:
    """Have one file read."""

    async def ask(sent: bytes) -> Made:
        with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as picture, tempfile.TemporaryFile() as small:
            source.write(sent)
            source.flush()
            answer = await readers.read(source, picture, small)
            picture.seek(0)
            small.seek(0)
            return answer, picture.read(), small.read()

    return ask
