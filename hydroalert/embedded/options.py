"""What `hydroalert up` can be asked for."""

import argparse
import asyncio
import sys
from pathlib import Path

from hydroalert.embedded.bring_up import Show
from hydroalert.embedded.errors import PlatformError
from hydroalert.embedded.platform import run_platform
from hydroalert.embedded.request import DEFAULT_PORTS, Options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `hydroalert up`."""
    parser.add_argument(
        "--data-dir", type=Path, default=Path("var"), help="where everything is kept (default: %(default)s)"
    )
    _add_port(parser, "http", "the api")
    _add_port(parser, "mqtt", "the broker on this machine")
    _add_port(parser, "postgres", "the private PostgreSQL")
    _add_port(parser, "tls", "the broker's TLS listener, for the field")
    parser.add_argument(
        "--field-address",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="where the TLS listener listens; an address of this machine (or 0.0.0.0) opens it to the field "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--workers", type=_positive, default=1, metavar="N", help="bridge workers (default: %(default)s)"
    )
    parser.add_argument("--no-sim", action="store_true", help="without the simulated fleet")
    parser.add_argument(
        "--ready-file",
        type=Path,
        metavar="FILE",
        help="write the addresses here, as JSON, once everything is ready; removed at the end",
    )


def options_from(args: argparse.Namespace) -> Options:
    """The parsed arguments as one value, its paths made absolute."""
    return Options(
        data_dir=args.data_dir.absolute(),
        ports={name: getattr(args, f"{name}_port") for name in DEFAULT_PORTS},
        field_address=args.field_address,
        workers=args.workers,
        simulator=not args.no_sim,
        ready_file=args.ready_file and args.ready_file.absolute(),
    )


def run(args: argparse.Namespace, show: Show) -> int:
    """Run the platform until it is told to stop; returns the exit code.

    `show` is what a person looks at meanwhile: it is given the addresses and the running processes.
    """
    try:
        asyncio.run(run_platform(options_from(args), show))
    except PlatformError as error:
        print(f"hydroalert up: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _add_port(parser: argparse.ArgumentParser, name: str, purpose: str) -> None:
    default = DEFAULT_PORTS[name]
    parser.add_argument(
        f"--{name}-port",
        type=_port,
        metavar="PORT",
        help=f"port of {purpose} (default: {default}, or the next free one; 0: any free one)",
    )


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: ports are 0 to 65535")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few: at least 1 is needed")
    return number
