"""Rules out of JSON and TOML files: one, many, or those of many areas."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.rules import Rule


def read_rules(path: Path) -> list[Rule]:
    """One rule, or a list of them; in TOML the list is `[[rules]]`. Raises InvalidInput."""
    value = _decoded(path)
    if isinstance(value, dict) and value.keys() == {"rules"}:
        value = value["rules"]
    return [_converted(one, f"{path}, rule {number}") for number, one in enumerate(_listed(value), 1)]


def read_rules_of_areas(path: Path) -> list[tuple[str, Rule]]:
    """The rules of many areas, each with its area: `{"AREA": [rule, …], …}`. Raises InvalidInput."""
    value = _decoded(path)
    if not isinstance(value, dict):
        raise InvalidInput(f'{path}: give {{"AREA": [rule, …], …}}')
    return [
        (area, _converted(one, f"{path}, area {area}, rule {number}"))
        for area, rules in value.items()
        for number, one in enumerate(_listed(rules), 1)
    ]


def _decoded(path: Path) -> Any:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text) if path.suffix.lower() == ".toml" else msgspec.json.decode(text)
    except (OSError, ValueError, RecursionError, OverflowError, msgspec.MsgspecError) as error:
        raise InvalidInput(f"{path}: {error}") from None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _converted(value: Any, where: str) -> Rule:
    try:
        return msgspec.convert(value, Rule)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{where}: {error}") from None
