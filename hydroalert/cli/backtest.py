"""`hydroalert rules test`: what rules would have told. Nothing is sent, nothing is written but the pictures."""

import argparse
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from hydroalert.cli.backtest_tables import print_tables
from hydroalert.cli.context import add_data_dir, config_of, database, print_json
from hydroalert.cli.rule_files import read_rules, read_rules_of_areas
from hydroalert.domain.errors import InvalidInput
from hydroalert.judging.backtest import Heed, back_test
from hydroalert.judging.backtest_report import AreaReport, report
from hydroalert.judging.replaying import Planned, Replay, Span, load_replay, plan_in_force, plan_with
from hydroalert.store import Connection


def add_command(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`rules test`."""
    test = nouns.add_parser(
        "test",
        help="replay what is stored through rules: which alerts would have been, and how early",
        description="Replay stored observations through rules, those in force or those of a file, with the judgement of"
        " live alerting. Nothing is sent. A flap is a severity reached again within six hours after it was left.",
    )
    test.add_argument("--area", dest="areas", action="append", metavar="AREA", help="repeat for more (default: all)")
    test.add_argument(
        "--rules",
        type=Path,
        metavar="FILE",
        help="not the rules in force but these: as `rules add` takes them, for each --area; else as `rules import`",
    )
    test.add_argument("--from", dest="start", type=_time, metavar="TIME", help="RFC 3339 (default: the first one)")
    test.add_argument(
        "--to", dest="end", type=_time, metavar="TIME", help="included (default: the last that is stored)"
    )
    test.add_argument(
        "--as-received", action="store_true", help="each observation when it arrived, not when it was measured"
    )
    test.add_argument("--plot", type=Path, metavar="DIR|FILE.svg", help="draw each area into a directory, or one area")
    test.add_argument("--json", action="store_true")
    add_data_dir(test)
    test.set_defaults(run=_test)


async def _test(args: argparse.Namespace) -> None:
    span = Span(args.start, args.end, args.as_received)
    if span.start is not None and span.end is not None and span.start > span.end:
        raise InvalidInput("--to is earlier than --from", "to")
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        planned = await _plan(connection, args.areas, args.rules)
        _check_plot(args.plot, len(planned))
        reports = [one async for one in _replayed(connection, planned, span, args.plot)]
    if args.json:
        print_json({"areas": reports})
        return
    print_tables(reports)


async def _plan(connection: Connection, areas: Sequence[str] | None, path: Path | None) -> list[Planned]:
    """Which areas under which rules. Raises InvalidInput, NotFound."""
    if path is None:
        return await plan_in_force(connection, areas)
    if areas is None:
        return await plan_with(connection, read_rules_of_areas(path))
    return await plan_with(connection, [(area, rule) for area in areas for rule in read_rules(path)])


async def _replayed(
    connection: Connection, planned: Sequence[Planned], span: Span, plot: Path | None
) -> AsyncIterator[AreaReport]:
    """Area by area, so that only the observations of one are in memory."""
    for one in planned:
        replay = await load_replay(connection, one, span)
        if replay is None:
            print(f"{one.area.code}: nothing is stored that it hears of that time", file=sys.stderr)
            continue
        course = back_test(replay.case, replay.start, replay.end, _progress(replay))
        if plot is not None:
            from hydroalert.judging.plot import draw  # noqa: PLC0415 - a fifth of a second that no other command need

            _plot_file(plot, one.area.code).write_bytes(draw(replay.case, course))
        yield report(replay.case, course)


def _progress(replay: Replay) -> Heed:
    """Tells a person each percent of the time that is done."""
    whole_s = (replay.end - replay.start).total_seconds() or 1.0
    told = -1

    def heed(now: datetime) -> None:
        nonlocal told
        done = int(100 * (now - replay.start).total_seconds() / whole_s)
        if done != told:
            told = done
            end = "\n" if done == 100 else ""
            print(f"\r{replay.case.area}: {done} % ", end=end, file=sys.stderr, flush=True)

    return heed if sys.stderr.isatty() else lambda _: None


def _check_plot(plot: Path | None, areas: int) -> None:
    """Before the long work. Raises InvalidInput."""
    if plot is None:
        return
    if plot.suffix == ".svg" and areas > 1:
        raise InvalidInput(f"--plot {plot} takes one area, not {areas}: give a directory, or one --area", "plot")
    try:
        (plot.parent if plot.suffix == ".svg" else plot).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"--plot {plot}: {error.strerror}", "plot") from None


def _plot_file(plot: Path, area: str) -> Path:
    return plot if plot.suffix == ".svg" else plot / f"{area}.svg"


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r}: give an RFC 3339 time, as in 2025-11-27T06:00:00Z")
    return moment.astimezone(UTC)
