"""Each dependency is used, and says why it is there."""

import ast
import functools
import importlib.metadata
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/why/dependencies.md").read_text().lower()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(text).name for text in PROJECT["project"]["dependencies"]]
TOOLS = [text for group in PROJECT["dependency-groups"].values() for text in group if isinstance(text, str)]
# yoyo loads the one by the scheme of the database's URL, uvicorn the others where it finds them.
LOADED_BY_NAME = {"psycopg", "httptools", "websockets"}


@functools.cache
def imported(package: Path) -> set[str]:
    """The top-level names of every module that a package's files import."""
    nodes = [node for path in package.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.split(".")[0] for name in plain | named}


@functools.cache
def owners_of_modules() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())


def modules_of(distribution: str) -> set[str]:
    return {module for module, owners in owners_of_modules().items() if distribution in map(canonicalize_name, owners)}


@pytest.mark.parametrize("name", sorted(set(RUNTIME) - LOADED_BY_NAME))
def test_a_dependency_of_the_platform_is_imported_by_it(name: str) -> None:
    assert modules_of(name) & imported(ROOT / "hydroalert")


@pytest.mark.parametrize("name", sorted({*RUNTIME, *(Requirement(text).name for text in TOOLS)}))
def test_a_dependency_says_what_it_is_for(name: str) -> None:
    assert f"`{name.lower()}" in PAGE or f"{name.lower()}`" in PAGE or name.lower().startswith("types-")


@pytest.mark.parametrize(
    ("folder", "package"), [("firmware-protocol/python", "firmware_protocol"), ("device-sim", "device_sim")]
)
def test_the_device_side_imports_only_what_it_asks_for(folder: str, package: str) -> None:
    project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    extras = [text for texts in project.get("optional-dependencies", {}).values() for text in texts]
    asked = {Requirement(text).name for text in [*project["dependencies"], *extras]}
    others = imported(ROOT / folder / package) - {package}
    brought = {owner for module in others for owner in owners_of_modules().get(module, [])}
    assert brought <= asked
