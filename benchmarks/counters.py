"""A few numbers that the processes of one trial share: a page of memory, written by one and read by the others."""

import mmap
from pathlib import Path
from typing import Final

_NAMES: Final = (
    "go",
    "publisher_ready",
    "subscriber_ready",
    "sent",
    "done",
    "refused",
    "receipted",
    "present",
    "heard",
)
_BYTES: Final = 8 * len(_NAMES)


class Counters:
    """Whole numbers by name, 0 at first.

    `go`: the publisher may begin. `sent`: frames handed to the broker. `done`: frames that the subscriber has
    acknowledged (baseline) or the database has committed (bridge). `refused`: publishes that the broker did not
    take. `receipted`: frames that a receipt has answered. `present`: followers that have heard what stands. `heard`:
    changes that they heard of since, all together.
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._numbers = memoryview(mmap.mmap(file.fileno(), _BYTES)).cast("q")

    @classmethod
    def create(cls, path: Path) -> "Counters":
        """New ones, all 0."""
        path.write_bytes(bytes(_BYTES))
        return cls(path)

    def __getitem__(self, name: str) -> int:
        return self._numbers[_NAMES.index(name)]

    def __setitem__(self, name: str, number: int) -> None:
        self._numbers[_NAMES.index(name)] = number
