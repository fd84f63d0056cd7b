"""Whether two pictures show the same: 64 bits, each whether one spot is brighter than its neighbour. Pure.

Recompressed, resized or a little brighter, the same picture differs in few of them.
"""

from PIL import Image

MAX_ALIKE_BITS = 6
"""Pictures that differ in no more bits than these are alike."""

_MIN_TELLING_BITS = 8


def likeness_of(picture: Image.Image) -> int:
    """The 64 bits as a signed integer, as the database keeps them."""
    spots = picture.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for place in range(len(spots)):
        if place % 9 != 8:
            bits = bits << 1 | (spots[place] > spots[place + 1])
    return bits - (bits >> 63 << 64)


def is_telling(likeness: int) -> bool:
    """Whether it tells one picture from another: that of a plain wall or a black night is like every other."""
    ones = (likeness & 2**64 - 1).bit_count()
    return _MIN_TELLING_BITS <= ones <= 64 - _MIN_TELLING_BITS
