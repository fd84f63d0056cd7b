"""`hydroalert refused …`: what was not taken, why, and how to try it again."""

import argparse
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from hydroalert.admission.retry import retry_refused, rules_of_retry
from hydroalert.cli.context import add_data_dir, config_of, database, print_json, whole_number
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import NotFound
from hydroalert.store.refused import RefusedFrame, list_refused
from hydroalert.store.registry import load_registry
from hydroalert.store.sealing import Sealer


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`refused list|show|retry`."""
    nouns = commands.add_parser("refused", help="look at refused frames and try them again").add_subparsers(
        required=True
    )
    listed = nouns.add_parser("list", help="refused frames, oldest first")
    _add_filters(listed)
    listed.set_defaults(run=_list)
    show = nouns.add_parser("show", help="one refused frame, byte by byte")
    show.add_argument("id", type=whole_number)
    add_data_dir(show)
    show.set_defaults(run=_show)
    retry = nouns.add_parser("retry", help="judge refused frames again, once their cause is mended")
    retry.add_argument("ids", type=whole_number, nargs="*", metavar="ID", help="default: all that the filters select")
    _add_filters(retry)
    retry.set_defaults(run=_retry)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", metavar="DEVICE")
    parser.add_argument("--reason", metavar="WORD")
    parser.add_argument("--limit", type=whole_number, default=100, metavar="N", help="at most (default: %(default)s)")
    parser.add_argument("--json", action="store_true")
    add_data_dir(parser)


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool:
        frames = await list_refused(pool, device=args.device, reason=args.reason, limit=args.limit)
    if args.json:
        print_json([_shown(frame) for frame in frames])
        return
    table = Table("id", "device", "channel", "reason", "tag", "received at", "bytes", box=None)
    for frame in frames:
        tag = "good" if frame.authentic else "bad"
        received_at, size = rfc3339(frame.received_at), str(len(frame.frame))
        table.add_row(str(frame.id), frame.device, frame.channel, frame.reason, tag, received_at, size)
    Console().print(table if frames else "No refused frames.")


async def _show(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool:
        frames = await list_refused(pool, ids=[args.id])
    if not frames:
        raise NotFound(f"no refused frame {args.id}: see `hydroalert refused list`")
    for name, value in _shown(frames[0]).items():
        print(f"{name:12} {value}")
    frame = frames[0].frame
    for start in range(0, len(frame), 16):
        row = frame[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        print(f"{start:6}  {row.hex(' '):47}  {text}")


async def _retry(args: argparse.Namespace) -> None:
    config, now = config_of(args), datetime.now(UTC)
    async with database(config) as pool, pool.acquire() as connection:
        frames = await list_refused(
            connection,
            device=args.device,
            reason=args.reason,
            ids=args.ids or None,
            limit=args.limit,
            with_samples=False,
        )
        registry = await load_registry(connection, Sealer(config.master_key), {frame.device for frame in frames})
        retried = await retry_refused(connection, registry, frames, rules_of_retry(config.retention), now)
    if args.json:
        print_json(retried)
        return
    for one in retried:
        print(f"{one.id:8} {one.device:30} {one.reason or 'stored'}")
    stored = sum(one.reason is None for one in retried)
    print(f"{stored} stored, {len(retried) - stored} refused again", file=sys.stderr)


def _shown(frame: RefusedFrame) -> dict[str, object]:
    return {
        "id": frame.id,
        "device": frame.device,
        "channel": frame.channel,
        "reason": frame.reason,
        "authentic": frame.authentic,
        "received_at": rfc3339(frame.received_at),
        "frame_hex": frame.frame.hex(),
    }
