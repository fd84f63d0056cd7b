"""Arguments that several commands share."""

import argparse
from dataclasses import dataclass
from pathlib import Path

EXIT_SETTLED, EXIT_UNSETTLED, EXIT_USAGE, EXIT_UNREACHABLE = 0, 1, 2, 3
EXIT_CODES = """exit codes:
  0  all settled: nothing lost, nothing doubled, no spool holds anything
  1  something is lost, doubled or wrong, or frames still wait in spools
  2  wrong usage: an argument or a file is not what it should be
  3  the platform cannot be reached, or refuses every device"""
DEFAULT_STATE = Path("var/device-sim")


def positive(text: str) -> float:
    """A number above 0."""
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def share(text: str) -> float:
    """A number from 0 to 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1")
    return number


def count(text: str) -> int:
    """A whole number above 0."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return number


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What :func:`add_run_options` parsed. ``http`` is None where reading back is not wanted."""

    broker: str
    ca: str | None
    http: str
    fleet: Path
    state: Path
    receipts: bool
    cbor: bool
    transport: str
    window: int
    give_up_s: float | None
    as_json: bool
    seed: int

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> "RunOptions":
        """Pick them from parsed arguments."""
        give_up_s = arguments.give_up or None
        return cls(
            arguments.broker, arguments.ca, arguments.http, arguments.fleet, arguments.state, arguments.receipts,
            arguments.cbor, arguments.transport, arguments.window, give_up_s, arguments.json, arguments.seed,
        )  # fmt: skip


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``: results for scripts."""
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object on standard output")


def add_state(parser: argparse.ArgumentParser) -> None:
    """``--state``: where spools and the ledger live."""
    parser.add_argument(
        "--state", type=Path, default=DEFAULT_STATE, metavar="DIR",
        help="directory of the spools and the ledger, kept between runs (default: %(default)s)",
    )  # fmt: skip


def add_http(parser: argparse.ArgumentParser) -> None:
    """``--http``: the platform's HTTP API."""
    parser.add_argument(
        "--http", default="http://127.0.0.1:8002", metavar="URL", help="the platform's HTTP API (default: %(default)s)"
    )


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Where the platform is, who the devices are, and how they speak."""
    add_json(parser)
    add_state(parser)
    add_http(parser)
    parser.add_argument(
        "--broker", default="mqtt://127.0.0.1:1883", metavar="URL",
        help="mqtt://host:port, or mqtts://host:port (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--ca", metavar="FILE", help="PEM file of the authority that signed the broker's certificate")
    parser.add_argument(
        "--fleet", type=Path, required=True, metavar="FLEET.json",
        help="what 'hydroalert device import FILE --json' printed",
    )  # fmt: skip
    parser.add_argument(
        "--receipts", action=argparse.BooleanOptionalAction, default=True,
        help="ask for a receipt of every frame, and keep it until then (default: on)",
    )  # fmt: skip
    parser.add_argument("--cbor", action="store_true", help="pack readings as SenML CBOR instead of JSON")
    parser.add_argument("--transport", choices=("mqtt", "http"), default="mqtt", help="default: %(default)s")
    parser.add_argument(
        "--window", type=count, default=16, metavar="W", help="unreceipted frames under way per device (default: 16)"
    )
    parser.add_argument(
        "--give-up", type=float, default=30.0, metavar="S",
        help="seconds to wait for the first connection; 0: for ever (default: 30)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="for whatever is random (default: %(default)s)")
