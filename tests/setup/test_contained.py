"""setup/contained.py: nothing outlives the command that it runs."""

import subprocess
import sys
from pathlib import Path

import pytest

CONTAINED = Path(__file__).parents[2] / "setup/contained.py"


def contained(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, str(CONTAINED), *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("code", [0, 1, 5])
def test_the_exit_code_is_the_commands_own(code: int) -> None:
    assert contained("sh", "-c", f"exit {code}").returncode == code


def test_a_command_that_a_signal_ended_is_told_as_a_shell_tells_it() -> None:
    assert contained("sh", "-c", "kill -9 $$").returncode == 128 + 9


def test_a_process_that_detached_itself_is_named_killed_and_a_failure() -> None:
    done = contained("sh", "-c", "(setsid sleep 600 >/dev/null 2>&1 & echo $!)")
    assert done.returncode == 99
    assert "sleep 600" in done.stderr
    assert not Path(f"/proc/{done.stdout.strip()}").exists()


def test_a_process_that_ignores_being_asked_is_killed_with_the_rest() -> None:
    done = contained("sh", "-c", "(trap '' INT TERM HUP; while :; do sleep 600; done) >/dev/null 2>&1 & echo $!")
    assert done.returncode == 99
    assert not Path(f"/proc/{done.stdout.strip()}").exists()


def test_an_orphan_that_ends_is_reaped_at_once() -> None:
    orphan = "pid=$(sh -c 'sleep 0.1 >/dev/null & echo $!'); while [ -e /proc/$pid ]; do sleep 0.05; done"
    assert contained("--limit-s", "20", "sh", "-c", orphan).returncode == 0


def test_a_failure_is_told_rather_than_what_it_left_behind() -> None:
    assert contained("sh", "-c", "sleep 600 >/dev/null 2>&1 & exit 3").returncode == 3


def test_a_command_past_its_limit_is_stopped_and_told_so() -> None:
    done = contained("--limit-s", "0.2", "sleep", "600")
    assert done.returncode == 124
    assert "limit" in done.stderr
