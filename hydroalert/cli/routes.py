"""`hydroalert routes`: every HTTP route with who may call it, and how often.

The api is imported when it is asked for: no other command should pay the half second that it takes.
"""

import argparse

from rich.console import Console
from rich.table import Table

from hydroalert.cli.context import print_json


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`routes`."""
    routes = commands.add_parser("routes", help="every HTTP route: who may call it, and how often")
    forms = routes.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true")
    forms.add_argument("--markdown", action="store_true", help="as docs/routes.md")
    routes.set_defaults(run=_list)


def _list(args: argparse.Namespace) -> None:
    from hydroalert.api.app import declared_routes  # noqa: PLC0415 - see above
    from hydroalert.api.callers.listing import as_markdown  # noqa: PLC0415 - as above

    found = declared_routes()
    if args.json:
        print_json(found)
    elif args.markdown:
        print(as_markdown(found), end="")
    else:
        table = Table("method", "path", "who", "how often", box=None)
        for one in found:
            table.add_row(one.method, one.path, one.access, one.rate or "as they like")
        Console().print(table)
