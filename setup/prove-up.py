#!/usr/bin/env python3
"""Proves `make up`: readings are committed and can be read, Ctrl-C ends every process, a second start loses nothing.

usage: prove-up.py [--data-dir DIR] [--within-s 60]

It types what a newcomer types, in a terminal's place, and reads what anyone reads: the ready file and the HTTP API.
Nothing but Python's own library is needed.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import contained

ROOT = Path(__file__).resolve().parents[1]
STOP_WITHIN_S = 60.0
T = TypeVar("T")


class Unproved(Exception):
    """Something was not as promised; the message says what."""


def main() -> int:
    options = parse()
    contained.become_subreaper()
    try:
        first = one_run(options, known=set())
        second = one_run(options, known=first)
    except Unproved as fault:
        say(f"NOT PROVED: {fault}")
        contained.kill_all()
        return 1
    say(f"proved: {len(first)} observations read before the stop were all there after it, and {len(second)} now")
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="as of `hydroalert up` (default: var)")
    parser.add_argument(
        "--within-s", type=float, default=60.0, help="the first observation must be there by then (default: 60)"
    )
    return parser.parse_args()


def say(text: str) -> None:
    print(f"── make up: {text}", flush=True)


def one_run(options: argparse.Namespace, *, known: set[str]) -> set[str]:
    """Start, read until there is something new, stop. Gives what was read, which holds all that is `known`."""
    started = time.monotonic()
    with running(options.data_dir) as (process, ready_file):
        api = wait_for(lambda: ready_http(ready_file), process, started + options.within_s, "the ready file")
        say(f"ready after {time.monotonic() - started:.1f} s at {api}")
        read = wait_for(lambda: more_than(known, api), process, started + options.within_s, "an observation over HTTP")
        say(f"{len(read)} observations after {time.monotonic() - started:.1f} s")
        if known - read:
            raise Unproved(f"lost over the restart: {sorted(known - read)[:5]}")
        stop(process)
    return read


@contextlib.contextmanager
def running(data_dir: Path) -> "Iterator[tuple[subprocess.Popen[bytes], Path]]":
    """`make up`, in a session of its own as in a terminal of its own."""
    with tempfile.TemporaryDirectory() as place:
        ready_file = Path(place) / "ready.json"
        command = ["make", "--no-print-directory", "up", f"ARGS=--ready-file {ready_file} --data-dir {data_dir}"]
        log = Path(place) / "log"
        with log.open("wb") as sink:
            process = subprocess.Popen(command, cwd=ROOT, stdout=sink, stderr=sink, start_new_session=True)  # noqa: S603
            try:
                yield process, ready_file
            except Unproved:
                print(log.read_text(errors="replace")[-4000:], file=sys.stderr)
                raise


def wait_for(ask: Callable[[], T | None], process: "subprocess.Popen[bytes]", until: float, what: str) -> T:
    """Ask until there is an answer."""
    while (answer := ask()) is None:
        if process.poll() is not None:
            raise Unproved(f"`make up` ended with {process.returncode} before {what}")
        if time.monotonic() > until:
            raise Unproved(f"no sign of {what} in time")
        time.sleep(0.2)
    return answer


def ready_http(ready_file: Path) -> str | None:
    return str(json.loads(ready_file.read_text())["http"]) if ready_file.exists() else None


def more_than(known: set[str], api: str) -> set[str] | None:
    read = read_observations(api)
    return read if read > known else None


def read_observations(api: str) -> set[str]:
    """Every observation of the first station, as `datastream time result`."""
    stations = get(f"{api}/api/v1/stations?limit=1")["stations"]
    if not stations:
        return set()
    code, streams = stations[0]["code"], [stream["code"] for stream in stations[0]["datastreams"]]
    return {
        f"{stream} {one['time']} {one['result']}"
        for stream in streams
        for one in pages(f"{api}/api/v1/stations/{code}/datastreams/{stream}/observations?limit=10000")
    }


def pages(address: str) -> Iterator[dict[str, Any]]:
    page = get(address)
    yield from page["observations"]
    while page["next"]:
        page = get(f"{address}&cursor={urllib.parse.quote(page['next'])}")
        yield from page["observations"]


def get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310  (our own api)
        return json.load(answer)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ctrl-C, as a terminal sends it: to everything in the foreground. No process may be left."""
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        raise Unproved(f"still running {STOP_WITHIN_S:.0f} s after Ctrl-C") from None
    if left := [contained.describe(pid) for pid in contained.descendants(os.getpid())]:
        raise Unproved(f"left behind after Ctrl-C: {left}")
    contained.reap()
    say(f"stopped {time.monotonic() - started:.1f} s after Ctrl-C, no process left")


if __name__ == "__main__":
    sys.exit(main())
