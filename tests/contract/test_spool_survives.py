"""A real process that spools, and ``kill -9`` (SPEC 4.1, 9.1)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from firmware_protocol.spool import Spool

_SPOOLING = """
import itertools, sys
from firmware_protocol.receipts import Receipt
from firmware_protocol.spool import Spool

spool = Spool(sys.argv[1])
print("boot", spool.boot, flush=True)
for n in itertools.count():
    boot, sequence = spool.append(b"body %d %d" % (spool.boot, n), 0, 1_764_311_400_000 + n)
    print("kept", boot, sequence, n, flush=True)
    if n % 5 == 4:
        spool.mark_sent((boot, sequence), 1, 1_764_311_400_000, 1_764_311_460_000)
        print("settling", boot, sequence, flush=True)
        spool.settle(Receipt(boot, 0, ((sequence, sequence),), ()), 1)
        print("settled", boot, sequence, flush=True)
"""


def test_whatever_append_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    path, kept, pruned, boots = tmp_path / "spool", {}, set(), []
    for lines_before_death in (1, 2, 37, 120):
        for word, boot, *rest in _spool_until_killed(path, lines_before_death):
            if word == "boot":
                boots.append(boot)
            elif word == "kept":
                assert (boot, rest[0]) not in kept
                kept[boot, rest[0]] = b"body %d %d" % (boot, rest[1])
            else:
                pruned.add((boot, rest[0]))
    spool = Spool(path)
    found = {(frame.boot, frame.sequence): frame.body for frame in spool.due(2**42, 10_000)}
    assert {numbers: body for numbers, body in kept.items() if numbers not in found and numbers not in pruned} == {}
    assert {numbers: kept[numbers] for numbers in found if numbers in kept} == {
        numbers: body for numbers, body in found.items() if numbers in kept
    }
    assert [*boots, spool.boot] == [(boots[0] + n) % 2**32 for n in range(5)]
    assert len(kept) > 50


def test_what_a_receipt_pruned_stays_pruned_after_kill_9(tmp_path: Path) -> None:
    lines = _spool_until_killed(tmp_path / "spool", 60)
    settled = {(boot, rest[0]) for word, boot, *rest in lines if word == "settled"}
    spool = Spool(tmp_path / "spool")
    assert settled
    assert settled & {(frame.boot, frame.sequence) for frame in spool.due(2**42, 10_000)} == set()


def _spool_until_killed(path: Path, lines_before_death: int) -> list[tuple[str, int, *tuple[int, ...]]]:
    """What the process said until it was dead, each line of it before or after the kill."""
    with subprocess.Popen([sys.executable, "-c", _SPOOLING, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines_before_death)]
        os.kill(process.pid, signal.SIGKILL)
        said += [line for line in process.stdout if line.endswith("\n")]
    return [_parsed(line) for line in said]


def _parsed(line: str) -> tuple[str, int, *tuple[int, ...]]:
    word, boot, *rest = line.split()
    return (word, int(boot), *map(int, rest))
