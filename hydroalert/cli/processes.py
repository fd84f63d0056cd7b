"""`hydroalert migrate | bridge | alerting | api | up`: what runs.

The api and alerting are imported when they are run: no other command should pay the half second that it takes.
"""

import argparse
import asyncio
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Coroutine
from typing import Any

import uvloop

from hydroalert.admission.service import Settings
from hydroalert.bridge.lane import Pace
from hydroalert.bridge.service import Options, run_bridge
from hydroalert.cli.context import add_data_dir, config_of, database
from hydroalert.config import Config
from hydroalert.console.live import show
from hydroalert.embedded import options as embedded
from hydroalert.store.entrenching import entrenching, who_may_change
from hydroalert.store.migrate import migrate


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`up`, `migrate`, `bridge`, `alerting`, `api`."""
    up = commands.add_parser("up", help="run the whole platform on this machine, until Ctrl-C")
    embedded.add_arguments(up)
    up.set_defaults(run=lambda args: embedded.run(args, show))
    migration = commands.add_parser("migrate", help="bring the database to the newest schema")
    add_data_dir(migration)
    migration.set_defaults(run=_migrate)
    bridge = commands.add_parser("bridge", help="take frames from the broker into the database")
    bridge.add_argument("--workers", type=_positive, default=1, metavar="N", help="processes (default: %(default)s)")
    bridge.add_argument("--lanes", type=_positive, metavar="N", help="broker sessions (default: as many as workers)")
    add_data_dir(bridge)
    bridge.set_defaults(run=_bridge)
    warning = commands.add_parser("alerting", help="judge what is stored, and tell everyone who must hear of it")
    add_data_dir(warning)
    warning.set_defaults(run=_alerting)
    api = commands.add_parser("api", help="serve HTTP")
    api.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    api.add_argument("--port", type=int, default=8002, help="port to listen on (default: %(default)s)")
    add_data_dir(api)
    api.set_defaults(run=_api)


def _migrate(args: argparse.Namespace) -> int:
    applied = migrate(config_of(args).database_url)
    print("\n".join(applied) if applied else "The schema is the newest already.")
    asyncio.run(_warn_of_open_audit(args))
    return 0


async def _warn_of_open_audit(args: argparse.Namespace) -> None:
    """Only a superuser can make the audit append-only: `up` is one, who has a database of their own asks one."""
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        role = await who_may_change(connection)
    if role is not None:
        print(
            f"The role {role} could change what the audit says. A superuser runs this in the same database, once"
            f" (where {role} is one itself, let the platform connect as another):\n\n{entrenching(role)}",
            file=sys.stderr,
        )


def _bridge(args: argparse.Namespace) -> int:
    """One worker runs here; more are children that end with this process."""
    if args.workers > 1:
        return _run_workers(args)
    config = config_of(args)
    return _run_until_told(run_bridge(_options(config, args.lanes or args.workers)))


def _run_until_told(work: Coroutine[Any, Any, None]) -> int:
    """Run it on uvloop until SIGINT or SIGTERM cancels it; also where a shell that started it said to ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().add_signal_handler(signal.SIGTERM, signal.raise_signal, signal.SIGINT)
        runner.run(work)
    return 0


def _run_workers(args: argparse.Namespace) -> int:
    """Start the workers, begin again those that die, and end them all with this process."""
    command = [sys.executable, "-m", "hydroalert", "bridge", "--lanes", str(args.lanes or args.workers)]
    if args.data_dir:
        command += ["--data-dir", str(args.data_dir)]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    workers = [_spawn(command) for _ in range(args.workers)]
    try:
        while True:
            workers = [worker if worker.poll() is None else _spawn(command) for worker in workers]
            time.sleep(1)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()


def _spawn(command: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", *command])  # noqa: S603, S607 - our own command


def _options(config: Config, lanes: int) -> Options:
    return Options(
        database_url=config.database_url,
        broker_url=config.broker_url,
        bridge_password=config.broker_bridge_password,
        admin_password=config.broker_admin_password,
        master_key=config.master_key,
        worker=uuid.uuid4(),
        voice_id=secrets.token_hex(16),
        lanes=lanes,
        receive_maximum=config.receive_maximum,
        retention=config.retention,
        rows_per_hour=config.rows_per_hour,
        pace=Pace(frames_per_s=config.bridge_frames_per_s),
    )


def _alerting(args: argparse.Namespace) -> int:
    from hydroalert.alerting import service as alerting  # noqa: PLC0415

    config = config_of(args)
    options = alerting.Options(
        database_url=config.database_url,
        broker_url=config.broker_url,
        alerting_password=config.broker_alerting_password,
        master_key=config.master_key,
        process=uuid.uuid4(),
        client_id=secrets.token_hex(16),
        voice=config.cap_voice,
        public_url=config.public_url,
        deadman_url=config.deadman_url,
    )
    return _run_until_told(alerting.run_alerting(options))


def _api(args: argparse.Namespace) -> int:
    from hydroalert.api import serve  # noqa: PLC0415
    from hydroalert.api.settings import HttpSettings  # noqa: PLC0415

    config = config_of(args)
    serve.run(
        serve.Binding(
            host=args.host,
            port=args.port,
            database_url=config.database_url,
            broker_url=config.broker_url,
            broker_bridge_password=config.broker_bridge_password,
            master_key=config.master_key,
            data_dir=config.data_dir,
            settings=Settings(config.retention, config.rows_per_hour),
            voice=config.cap_voice,
            http=HttpSettings(
                trusted_proxies=config.trusted_proxies,
                cors_origins=config.cors_origins,
                evidence_url=config.evidence_url,
                contact_kept=config.contact_kept,
                require_second_factor=config.requires_second_factor,
                public_url=config.public_url,
            ),
        )
    )
    return 0


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a whole number from 1")
    return int(text)
