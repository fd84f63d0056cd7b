"""The people's own books: what they were answered, and so may rely on."""

from pathlib import Path

import msgspec

MARK = "drill "
"""Begins the words of everything that people say here; what follows is said once in all rounds."""
FILE_NAME = "people.json"


class Act(msgspec.Struct, frozen=True):
    """Something about a report that an operator was told is done: since then it has that version. `words`: what the
    story must say; empty where the platform finds the words."""

    report: str
    version: int
    author: str
    words: str


class Deeds(msgspec.Struct):
    """Everything that was answered since the first round."""

    reports: dict[str, str] = msgspec.field(default_factory=dict)
    """The id of each report, by its words."""
    pictures: dict[str, str] = msgspec.field(default_factory=dict)
    """The id of each picture, by `picture_of`."""
    acts: list[Act] = msgspec.field(default_factory=list)
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    """How many people were counted, by shelter and moment."""
    unanswered: int = 0
    """What was given up."""
    unforeseen: list[str] = msgspec.field(default_factory=list)
    """Answers that nobody should get: something is wrong with the platform itself, or it refuses what is right."""


def picture_of(report: str, sha256: str) -> str:
    """What a picture is known by: whose it is, and its bytes."""
    return f"{report}/{sha256}"


def read_deeds(directory: Path) -> Deeds:
    """The books of the rounds before; empty ones at first."""
    path = directory / FILE_NAME
    return msgspec.json.decode(path.read_bytes(), type=Deeds) if path.exists() else Deeds()


def write_deeds(directory: Path, deeds: Deeds) -> None:
    """Keep the books."""
    (directory / FILE_NAME).write_bytes(msgspec.json.encode(deeds))
