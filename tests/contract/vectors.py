"""The vectors, read once."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

VECTORS = Path(__file__).parents[2] / "firmware-protocol" / "vectors"


@cache
def collection(name: str) -> dict[str, Any]:
    """A whole file."""
    loaded: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return loaded


def cases(name: str, flag: str | None = None) -> list[ParameterSet]:
    """Its cases, or those with one flag, as parameters named by their ids."""
    chosen = [case for case in collection(name)["cases"] if flag is None or flag in case["flags"]]
    return [pytest.param(case, id=case["id"]) for case in chosen]
