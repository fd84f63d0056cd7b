"""`hydroalert rules test`: what rules would have told. Nothing is sent, nothing is written but the pictures."""

import argparse
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from hydroalert.cli.backtest_tables import print_tables
from hydroalert.cli.context import add_data_dir, config_of, database, print_json
from hydroalert.cli.rule_files import read_rules, read_rules_of_areas
from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.domain.rules import Rule, VersionedRule, checked
from hydroalert.judging.backtest import Heed, back_test
from hydroalert.judging.backtest_report import AreaReport, report
from hydroalert.judging.plot import draw
from hydroalert.judging.replaying import Replay, Span, load_replay
from hydroalert.store import Connection
from hydroalert.store.reading_histories import ReplayedArea, areas_of
from hydroalert.store.rules import load_rules

_Ruled = list[tuple[ReplayedArea, tuple[VersionedRule, ...]]]


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
        ruled = await _ruled(connection, args.areas, args.rules)
        _check_plot(args.plot, ruled)
        reports = [one async for one in _replayed(connection, ruled, span, args.plot)]
    if args.json:
        print_json({"areas": reports})
        return
    print_tables(reports)


async def _ruled(connection: Connection, codes: Sequence[str] | None, path: Path | None) -> _Ruled:
    """The areas that have rules to be tested, with these. Raises InvalidInput, NotFound."""
    if path is None:
        areas = await areas_of(connection, codes)
        in_force = await load_rules(connection, [area.id for area in areas])
        found = [(area, in_force[area.id]) for area in areas if area.id in in_force]
        if not found:
            raise NotFound("no rule is in force there: see `hydroalert rules ladder --help`, or give --rules FILE")
        return found
    of_area: dict[str, list[VersionedRule]] = {}
    named = [(code, rule) for code in codes for rule in read_rules(path)] if codes else read_rules_of_areas(path)
    for code, rule in named:
        of_area.setdefault(code, []).append(_unsaved(rule))
    return [(area, tuple(of_area[area.code])) for area in await areas_of(connection, of_area)]


def _unsaved(rule: Rule) -> VersionedRule:
    """A rule of a file: version 0. Raises InvalidInput."""
    return VersionedRule(0, checked(rule))


async def _replayed(connection: Connection, ruled: _Ruled, span: Span, plot: Path | None) -> AsyncIterator[AreaReport]:
    """Area by area, so that only the observations of one are in memory."""
    for area, rules in ruled:
        replay = await load_replay(connection, area, rules, span)
        if replay is None:
            print(f"{area.code}: nothing is stored that it hears of that time", file=sys.stderr)
            continue
        course = back_test(replay.case, replay.start, replay.end, _progress(replay))
        if plot is not None:
            _plot_file(plot, area.code).write_bytes(draw(replay.case, course))
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


def _check_plot(plot: Path | None, ruled: _Ruled) -> None:
    """Before the long work. Raises InvalidInput."""
    if plot is None:
        return
    if plot.suffix == ".svg" and len(ruled) > 1:
        raise InvalidInput(f"--plot {plot} takes one area, not {len(ruled)}: give a directory, or one --area", "plot")
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
