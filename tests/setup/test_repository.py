"""What a clone must not contain: the machine it was written on."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2].resolve()


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("place", [ROOT, ROOT.parent / "shared", ROOT / ".venv"], ids=["root", "shared", "venv"])
def test_no_file_names_the_directory_that_it_was_written_in(place: Path) -> None:
    assert [path for path in tracked_files() if str(place).encode() in path.read_bytes()] == []


def test_nothing_that_is_made_here_is_tracked() -> None:
    made = {".venv", "var", "build", "__pycache__", ".pytest_cache", ".hypothesis"}
    assert [path for path in tracked_files() if made & set(path.relative_to(ROOT).parts)] == []
