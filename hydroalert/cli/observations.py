"""`hydroalert observations …`: series from elsewhere."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from hydroalert.admission.importing import Imported, import_series, read_series
from hydroalert.cli.context import add_data_dir, config_of, database
from hydroalert.domain.clock import MAX_AHEAD
from hydroalert.store.quality import load_settings
from hydroalert.store.stations import find_datastream


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`observations import`."""
    nouns = commands.add_parser("observations", help="bring in series from elsewhere").add_subparsers(required=True)
    load = nouns.add_parser("import", help="import a CSV with the columns time,result[,quality] into a datastream")
    load.add_argument("file", type=Path)
    load.add_argument("--station", required=True, metavar="CODE")
    load.add_argument("--datastream", required=True, metavar="CODE")
    add_data_dir(load)
    load.set_defaults(run=_import)


async def _import(args: argparse.Namespace) -> None:
    config, now, done = config_of(args), datetime.now(UTC), Imported()
    series = read_series(args.file, now - config.retention, now + MAX_AHEAD)
    async with database(config) as pool, pool.acquire() as connection:
        datastream_id = await find_datastream(connection, args.station, args.datastream)
        settings = await load_settings(connection, datastream_id)
        async for done in import_series(connection, datastream_id, settings, series):
            if sys.stderr.isatty():
                print(f"\r{done.stored + done.already_there:,} rows", end="", file=sys.stderr, flush=True)
    print(f"{done.stored} stored, {done.already_there} already there, {done.conflicts} kept as conflicts")
