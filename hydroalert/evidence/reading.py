"""One file that a stranger sent, from its first byte to what is kept of it. Runs in a process of its own."""

from mmap import ACCESS_READ, mmap
from typing import BinaryIO

from hydroalert.evidence.picture import Picture, Refusal, Word
from hydroalert.evidence.remaking import remake
from hydroalert.evidence.surveying import survey


def read_picture(sent: BinaryIO, picture: BinaryIO, thumbnail: BinaryIO) -> Picture | Refusal:
    """Survey it, decode it, and write what is kept into the two other files. Raises nothing but OSError of ours."""
    if not sent.seek(0, 2):
        return Refusal(Word.NOT_A_PICTURE)
    with mmap(sent.fileno(), 0, access=ACCESS_READ) as data:
        surveyed = survey(data)
    if isinstance(surveyed, Refusal):
        return surveyed
    sent.seek(0)
    try:
        return remake(sent, surveyed, picture, thumbnail)
    except MemoryError:
        return Refusal(Word.UNREADABLE)
    except Exception as fault:  # decoders raise whatever they like of bytes that nobody made sense of
        return Refusal(Word.TRUNCATED if "truncated" in str(fault) else Word.DAMAGED)
