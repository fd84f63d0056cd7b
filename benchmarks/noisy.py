"""Pictures of about 10 MB: noise, for nothing else is as hard to make smaller."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from PIL import Image

_PHOTOGRAPH, _QUALITY = (4000, 3000), 88
_DRAWING = (1825, 1825)
"""With three bytes of noise a pixel, which PNG makes no smaller."""


def make_pictures(folder: Path) -> list[Path]:
    """A JPEG as large as a telephone's camera makes it, 12 megapixels, and a PNG."""
    photograph, drawing = folder / "photograph.jpg", folder / "drawing.png"
    _noise(_PHOTOGRAPH).save(photograph, quality=_QUALITY)
    _noise(_DRAWING).save(drawing, compress_level=1)
    return [photograph, drawing]


def remade(paths: Sequence[Path], out: Path) -> None:
    """What must be done with each at the least: decode it, and encode it again."""
    for path in paths:
        with Image.open(path) as opened:
            opened.save(out, "JPEG", quality=85)


def _noise(size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", size, Random(0).randbytes(3 * size[0] * size[1]))
