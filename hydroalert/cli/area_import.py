"""`hydroalert area import`: polygons out of GeoJSON files."""

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

from hydroalert.cli.area_files import Naming, read_areas
from hydroalert.cli.context import add_data_dir, config_of, counting, database, print_json
from hydroalert.store import Pool
from hydroalert.store.areas import SavedAreas, save_areas, set_parents


def add_command(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`area import`."""
    load = nouns.add_parser("import", help="add or update areas from GeoJSON: all of a file, or none of it")
    load.add_argument("files", nargs="+", type=Path, metavar="FILE")
    load.add_argument("--code-from", metavar="PROPERTY", help="default: code, else the feature's id")
    load.add_argument("--name-from", metavar="PROPERTY", default="name", help="default: %(default)s")
    load.add_argument("--parent-from", metavar="PROPERTY", help="which is the code of the area that it lies within")
    load.add_argument("--lang", metavar="TAG", default="en", help="language of the names (default: %(default)s)")
    load.add_argument("--silence-factor", type=float, metavar="X", help="reporting intervals until silence counts")
    load.add_argument("--skip-bad", action="store_true", help="take what can be taken, and say what was left out")
    load.add_argument("--json", action="store_true")
    add_data_dir(load)
    load.set_defaults(run=_import)


async def _import(args: argparse.Namespace) -> int:
    naming = Naming(args.code_from, args.name_from, args.lang, args.parent_from, args.silence_factor)
    async with database(config_of(args)) as pool:
        saved, orphans = await _save_files(pool, args.files, naming, skip_bad=args.skip_bad)
    told = _told(saved, orphans)
    if args.json:
        print_json(told)
    else:
        _show(told)
    return int(bool(told["refused"]) and not args.skip_bad)


async def _save_files(
    pool: Pool, files: list[Path], naming: Naming, *, skip_bad: bool
) -> tuple[dict[Path, SavedAreas], list[tuple[str, str]]]:
    """Each file in a transaction of its own; then the parents of all, for a parent may come in a later file."""
    count = counting("files", every=20)
    saved: dict[Path, SavedAreas] = {}
    parents: dict[str, str | None] = {}
    async with pool.acquire() as connection:
        for number, path in enumerate(files, 1):
            found = read_areas(path, naming)
            async with connection.transaction():
                saved[path] = await save_areas(connection, found.areas, skip_bad=skip_bad)
            parents.update(found.parents)
            count(number, len(files))
        async with connection.transaction():
            orphans = await set_parents(connection, parents)
    return saved, orphans


def _told(saved: dict[Path, SavedAreas], orphans: list[tuple[str, str]]) -> dict[str, Any]:
    """What came of it, for people and for JSON."""
    mended = [msgspec.to_builtins(one) for each in saved.values() for one in each.mended]
    refused = [
        {"file": str(path), "area": one.area, "words": one.words}
        for path, each in saved.items()
        for one in each.refused
    ]
    return {
        "added": sum(each.added for each in saved.values()),
        "updated": sum(each.updated for each in saved.values()),
        "mended": mended,
        "refused": refused,
        "without_parent": [{"area": area, "parent": parent} for area, parent in orphans],
    }


def _show(told: dict[str, Any]) -> None:
    for one in told["mended"]:
        print(f"{one['area']}: mended ({one['reason']}); its area changed by {one['change']:.4%}", file=sys.stderr)
    absent = sorted({one["parent"] for one in told["without_parent"]})
    if absent:
        number = len(told["without_parent"])
        print(f"{number} name a parent that is not here and have none: {', '.join(absent)}", file=sys.stderr)
    for one in told["refused"]:
        print(f"{one['file']}: {one['area']}: {one['words']}", file=sys.stderr)
    print(f"{told['added']} added, {told['updated']} updated, {len(told['refused'])} refused")
