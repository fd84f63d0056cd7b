"""`hydroalert observations …`: series from elsewhere, and what a person says of a value."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from hydroalert.admission.importing import Imported, import_series, read_series
from hydroalert.cli.alerts import add_author, deed_of
from hydroalert.cli.context import add_data_dir, config_of, database
from hydroalert.cli.maintenance import moment
from hydroalert.domain.clock import MAX_AHEAD, rfc3339
from hydroalert.store.audit import record
from hydroalert.store.datastreams import WORDS, Said, find_tested, flag_observation
from hydroalert.store.quality import load_settings
from hydroalert.store.stations import find_datastream


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`observations import|flag`."""
    nouns = commands.add_parser(
        "observations", help="bring in series from elsewhere; say what a value is"
    ).add_subparsers(required=True)
    load = nouns.add_parser("import", help="import a CSV with the columns time,result[,quality] into a datastream")
    load.add_argument("file", type=Path)
    load.add_argument("--station", required=True, metavar="CODE")
    load.add_argument("--datastream", required=True, metavar="CODE")
    add_data_dir(load)
    load.set_defaults(run=_import)
    flag = nouns.add_parser("flag", help="say what one observation is, whatever the tests say; its value stays")
    flag.add_argument("station")
    flag.add_argument("datastream")
    flag.add_argument("--time", required=True, type=moment, metavar="TIME", help="as in 2026-11-22T18:00:00Z")
    flag.add_argument("--quality", required=True, choices=WORDS, help="`tests` leaves it to the tests again")
    add_author(flag)
    flag.set_defaults(run=_flag)


async def _flag(args: argparse.Namespace) -> None:
    deed = deed_of(args)
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        tested = await find_tested(connection, args.station, args.datastream)
        said = Said(WORDS[args.quality], deed.author, deed.reason)
        await flag_observation(connection, tested.id, args.time, said, deed.at)
    print(f"{args.station} {args.datastream} at {rfc3339(args.time)} is flagged {args.quality}; its value stays.")


async def _import(args: argparse.Namespace) -> None:
    config, now, done = config_of(args), datetime.now(UTC), Imported()
    series = read_series(args.file, now - config.retention, now + MAX_AHEAD)
    async with database(config) as pool, pool.acquire() as connection:
        datastream_id = await find_datastream(connection, args.station, args.datastream)
        settings = await load_settings(connection, datastream_id)
        # Beforehand: it commits some thousands of rows at a time, and may end anywhere.
        what = f"{args.station}/{args.datastream}"
        await record(connection, "import begun", "datastream", what, {"file": args.file.name})
        async for done in import_series(connection, datastream_id, settings, series):
            if sys.stderr.isatty():
                print(f"\r{done.stored + done.already_there:,} rows", end="", file=sys.stderr, flush=True)
    print(f"{done.stored} stored, {done.already_there} already there, {done.conflicts} kept as conflicts")
