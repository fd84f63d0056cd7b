"""`make help` and the README tell the truth about the Makefile."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def run_make(*words: str) -> str:
    return subprocess.run(["make", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_help_lists_every_command() -> None:
    listed = re.findall(r"^  ([a-z-]+) +\S", run_make("help"), flags=re.MULTILINE)
    assert set(listed) == TARGETS


def test_make_alone_helps() -> None:
    assert run_make() == run_make("help")


def test_no_command_is_mistaken_for_a_file_of_its_name() -> None:
    assert set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, flags=re.MULTILINE)) == TARGETS


@pytest.mark.parametrize("word", ["install", "up", "test", "check", "bench", "chaos", "help"])
def test_every_promised_command_is_there(word: str) -> None:
    assert word in TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_commands_that_make_has(page: Path) -> None:
    code = "\n".join(re.findall(r"^```.*?^```|`[^`\n]+`", page.read_text(), flags=re.DOTALL | re.MULTILINE))
    assert set(re.findall(r"(?<![\w-])make ([a-z-]+)", code)) <= TARGETS
