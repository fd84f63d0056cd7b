"""`python -m benchmarks.scenarios [NAME…]`: put real data sets to their rules, and print what would have been told."""

import argparse
import sys
import time
from pathlib import Path

from benchmarks.scenarios import cases, files
from hydroalert.cli.backtest_tables import print_tables
from hydroalert.judging.backtest import back_test
from hydroalert.judging.backtest_report import AreaReport, report
from hydroalert.judging.plot import draw


def main() -> int:
    """Replay what was asked for; 1 where a data set is not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scenarios", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(cases.ALL)} (default: all)")
    parser.add_argument("--plot", type=Path, metavar="DIR", help="draw each area into this directory")
    args = parser.parse_args()
    unknown = set(args.names) - set(cases.ALL)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(cases.ALL)}")
    if not files.DATA.is_dir() and args.names != ["synthetic"]:
        parser.error(f"the data sets are not here: {files.DATA.resolve()}")
    for name in args.names or cases.ALL:
        started = time.monotonic()
        print(f"== {name}\n")
        reports = [_replay(scenario, args.plot) for scenario in cases.ALL[name]()]
        print_tables(reports)
        judgements = sum(one.judgements for one in reports)
        print(f"({judgements:,} judgements in {time.monotonic() - started:.1f} s)\n")
    return 0


def _replay(scenario: cases.Scenario, plot: Path | None) -> AreaReport:
    course = back_test(scenario.case, scenario.start, scenario.end)
    if plot is not None:
        plot.mkdir(parents=True, exist_ok=True)
        (plot / f"{course.area}.svg").write_bytes(draw(scenario.case, course))
    return report(scenario.case, course)


if __name__ == "__main__":
    sys.exit(main())
