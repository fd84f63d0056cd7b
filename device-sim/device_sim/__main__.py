"""``device-sim``: simulated devices for trying, drilling and measuring a HydroAlert platform."""

import argparse
import sys
from types import ModuleType

from firmware_protocol.errors import FirmwareProtocolError

from device_sim.commands import faults, load, plan, reconcile, replay, storm
from device_sim.commands.options import EXIT_CODES, EXIT_UNREACHABLE, EXIT_USAGE
from device_sim.conductor import Unreachable
from device_sim.fleet import FleetError
from device_sim.ledger import LedgerError
from device_sim.platform import PlatformUnreachable
from device_sim.sources import SourceError

COMMANDS: dict[str, ModuleType] = {
    "plan": plan,
    "replay": replay,
    "storm": storm,
    "load": load,
    "faults": faults,
    "reconcile": reconcile,
}


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="device-sim", description=__doc__, epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        one = commands.add_parser(
            name, help=module.HELP, description=getattr(module, "DESCRIPTION", module.HELP), epilog=EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        module.add_arguments(one)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run a command; gives its exit code."""
    arguments = parser().parse_args(argv)
    try:
        return int(COMMANDS[arguments.command].run(arguments))
    except (Unreachable, PlatformUnreachable) as error:
        return _say(error, EXIT_UNREACHABLE)
    except (SourceError, FleetError, LedgerError, FirmwareProtocolError, ValueError, OSError) as error:
        return _say(error, EXIT_USAGE)


def _say(error: Exception, code: int) -> int:
    sys.stderr.write(f"device-sim: {error}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
