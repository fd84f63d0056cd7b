"""Results are kept as JSON, one entry a benchmark; docs/benchmarks.md is written from all of them."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from benchmarks.figures import Section
from benchmarks.machine import describe
from benchmarks.stage import ROOT

RESULTS = ROOT / "var" / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
_INTRODUCTION = """\
# Benchmarks

Written by `make bench`, which measures everything here in one run; do not edit. `make bench ARGS="NAME --quick"`
measures one part in little time, as a check that it works. Absolute figures belong to the machine below; what carries
over to another are the ratios, each to something that ran beside it. Costs are CPU time of whole process families from
`/proc`; medians, with the least and the most in brackets.
"""


def record(name: str, section: Section, *, quick: bool) -> None:
    """Keep one benchmark's results."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    entry = asdict(section) | {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "quick": quick}
    results[name] = entry | {"machine": describe()}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))


def write_page(order: list[str]) -> None:
    """docs/benchmarks.md from what is kept."""
    results = json.loads(RESULTS.read_text())
    known = [name for name in order if name in results]
    parts = [_INTRODUCTION, _machine(results[known[0]]["machine"])]
    parts += [_section(name, results[name]) for name in known]
    PAGE.write_text("\n".join(parts))


def _machine(machine: dict[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in machine.items()), ""])


def _section(name: str, entry: dict[str, Any]) -> str:
    quick = " --quick" if entry["quick"] else ""
    lines = [f"## {entry['title']}", "", f'`make bench ARGS="{name}{quick}"`, {entry["at"]}', "", entry["about"], ""]
    for table in entry["tables"]:
        lines += [_row(table["head"]), "|" + "---|" * len(table["head"]), *map(_row, table["rows"]), ""]
    lines += [f"- {one}" for one in entry["verdicts"]]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
