#!/usr/bin/env python3
"""Write the vectors, and the example bytes of SPEC.md; with --check say whether they are what would be written."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from cases import bodies_cbor, bodies_json, examples, frames, receipts, rfc4231, status, units
from cases.common import Case

FILES: dict[str, Callable[[], Case]] = {
    "hmac_rfc4231.json": rfc4231.build,
    "frames.json": frames.build,
    "bodies_json.json": bodies_json.build,
    "bodies_cbor.json": bodies_cbor.build,
    "status.json": status.build,
    "receipts.json": receipts.build,
    "units.json": units.build,
}


HERE = Path(__file__).parent
SPECIFICATION = HERE.parent / "SPEC.md"


def rendered() -> dict[Path, str]:
    """The text of each file; the same at every run. Raises ValueError where two cases have one id."""
    vectors = {HERE / name: _render(name, build()) for name, build in FILES.items()}
    return {**vectors, SPECIFICATION: examples.insert_into(SPECIFICATION.read_text(encoding="utf-8"))}


def _render(name: str, collection: Case) -> str:
    ids = [case["id"] for case in collection["cases"]]
    twice = sorted({case_id for case_id in ids if ids.count(case_id) > 1})
    if twice:
        raise ValueError(f"{name}: ids used twice: {', '.join(twice)}")
    return json.dumps(collection, indent=1, ensure_ascii=True) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """0 when done or fresh, 1 where --check finds a file that is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file is not fresh")
    check = parser.parse_args(arguments).check
    stale = {path: text for path, text in rendered().items() if not _is_fresh(path, text)}
    names = ", ".join(path.name for path in stale)
    if check and stale:
        print(f"not fresh: {names}; run generate.py without --check", file=sys.stderr)
        return 1
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    print(f"wrote {names}" if stale else "all fresh")
    return 0


def _is_fresh(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
