"""The commands that pages tell people to type are ones that the programs have."""

import re
import shlex
from itertools import takewhile
from pathlib import Path

import device_sim.__main__
import pytest

from hydroalert.cli.main import make_parser

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "broker").glob("*.md")])
PARSERS = {"hydroalert": make_parser, "device-sim": device_sim.__main__.parser}


def typed(page: Path) -> list[list[str]]:
    """The words of each call of our own programs in the page's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in re.split(r"\n|&&|\|", block.replace("\\\n", " "))]
    calls = [shlex.split(line.strip().removeprefix(".venv/bin/"), comments=True) for line in lines]
    return [call for call in calls if call and call[0] in PARSERS]


CALLS = [pytest.param(call, id=f"{page.relative_to(ROOT)}: {' '.join(call)}") for page in PAGES for call in typed(page)]


@pytest.mark.parametrize("call", CALLS)
def test_a_command_on_a_page_exists_with_its_options(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    subcommands = takewhile(lambda word: re.fullmatch(r"[a-z][a-z-]*", word), call[1:])
    with pytest.raises(SystemExit) as asked_for_help:
        PARSERS[call[0]]().parse_args([*subcommands, "--help"])
    said = capsys.readouterr()
    assert asked_for_help.value.code == 0, said.err
    assert {word.split("=")[0] for word in call if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", said.out))
