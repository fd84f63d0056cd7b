"""The vectors themselves: valid, fresh, and hard enough."""

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import jsonschema
import pytest

from tests.contract.vectors import VECTORS, collection

FILES = sorted(path.name for path in VECTORS.glob("*.json") if path.name != "schema.json")
SCHEMA = json.loads((VECTORS / "schema.json").read_text())
WORDS = set(SCHEMA["$defs"]["word"]["enum"])


def _cases(name: str) -> list[dict[str, Any]]:
    return collection(name.removesuffix(".json"))["cases"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_valid_under_the_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads((VECTORS / name).read_text()))


def test_the_checked_in_files_are_what_the_generator_writes() -> None:
    check = subprocess.run(
        [sys.executable, VECTORS / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stderr


def test_every_refusal_word_occurs() -> None:
    seen = {word for name in FILES for case in _cases(name) for word in case["flags"]} - {"good"}
    assert seen == WORDS


@pytest.mark.parametrize("name", [name for name in FILES if name != "hmac_rfc4231.json"])
def test_more_is_refused_than_admitted(name: str) -> None:
    kinds = Counter("good" in case["flags"] for case in _cases(name))
    assert kinds[False] > kinds[True]


@pytest.mark.parametrize("name", FILES)
def test_every_rule_that_a_case_cites_is_in_the_specification(name: str) -> None:
    specification = (VECTORS.parent / "SPEC.md").read_text()
    cited = {rule for case in _cases(name) for rule in case["rules"]}
    assert [rule for rule in cited if f"**{rule}" not in specification] == []
