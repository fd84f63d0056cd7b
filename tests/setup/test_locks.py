"""The locked requirements: whole, hashed, without an address, and in step with what pyproject.toml asks for."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
OWN = {"hydroalert", "hydroalert-firmware-protocol", "hydroalert-device-sim"}

lock_file = pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)


def entries(lock: Path) -> list[str]:
    """One string for each locked package: its line, its hashes, and the comments that say who wants it."""
    return re.split(r"^(?=[A-Za-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]


def pinned(lock: Path) -> dict[str, set[str]]:
    """Versions by name; a package may have one for each version of Python."""
    versions: dict[str, set[str]] = {}
    for entry in entries(lock):
        name, version = re.match(r"([\w.-]+)==(\S+)", entry).groups()  # type: ignore[union-attr]
        versions.setdefault(canonicalize_name(name), set()).add(version)
    return versions


def pyproject(folder: str = ".") -> dict[str, Any]:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text())


def asked(requirements: list[str]) -> set[str]:
    return {str(canonicalize_name(Requirement(text).name)) for text in requirements} - OWN


def group(name: str) -> Iterator[str]:
    for item in pyproject()["dependency-groups"][name]:
        if isinstance(item, str):
            yield item
        else:
            yield from group(item["include-group"])


def wanted_directly(lock: Path) -> set[str]:
    """The packages of a lock of which it says that a pyproject.toml asks for them."""
    return {canonicalize_name(entry.split("==")[0]) for entry in entries(lock) if "(pyproject.toml" in entry}


@lock_file
def test_every_locked_package_has_one_exact_version_and_a_hash(lock: Path) -> None:
    for entry in entries(lock):
        assert re.match(r"[\w.-]+==[\w.]+( ; .+)? \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+", entry), entry[:80]


@lock_file
def test_no_lock_names_an_address(lock: Path) -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links", lock.read_text())


def test_what_runs_is_what_was_tested() -> None:
    runtime, dev = pinned(ROOT / "requirements/runtime.txt"), pinned(ROOT / "requirements/dev.txt")
    assert runtime.items() <= dev.items()


def test_the_container_is_built_with_the_tools_that_were_tested() -> None:
    build, dev = pinned(ROOT / "requirements/build.txt"), pinned(ROOT / "requirements/dev.txt")
    assert build.items() <= dev.items()


def test_the_runtime_lock_holds_exactly_what_the_platform_asks_for() -> None:
    assert wanted_directly(ROOT / "requirements/runtime.txt") == asked(pyproject()["project"]["dependencies"])


def test_the_development_lock_holds_exactly_what_the_groups_ask_for() -> None:
    wanted = asked([*pyproject()["project"]["dependencies"], *group("dev")])
    assert wanted_directly(ROOT / "requirements/dev.txt") == wanted


@pytest.mark.parametrize("folder", ["firmware-protocol/python", "device-sim"])
def test_the_runtime_lock_also_serves_the_device_side(folder: str) -> None:
    assert asked(pyproject(folder)["project"]["dependencies"]) <= pinned(ROOT / "requirements/runtime.txt").keys()
