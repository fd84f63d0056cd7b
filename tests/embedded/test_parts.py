"""The small parts that `up` is made of."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hydroalert.embedded import account, ports
from hydroalert.embedded.account import Account, home_of
from hydroalert.embedded.child import Program, spawn
from hydroalert.embedded.choose import choose_ports
from hydroalert.embedded.errors import PlatformError, RequestRefused
from hydroalert.embedded.files import write_private
from hydroalert.embedded.leftovers import processes_in, stop_former
from hydroalert.embedded.lock import locked
from hydroalert.embedded.logs import rotate
from hydroalert.embedded.postgres import find_binaries
from hydroalert.embedded.secret_files import load_secrets
from hydroalert.embedded.supervision import Keeper, Service, State, kept
from tests._services import open_directory, run
from tests.embedded._up import until

NOTHING_ASKED = {"http": None, "mqtt": None}


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_free_default_port_is_taken_without_a_word() -> None:
    free = ports.any_free()
    assert choose_ports({"http": None}, {"http": free}) == ({"http": free}, [])


def test_a_busy_default_port_gives_way_to_the_next_free_one_and_that_is_said(taken: int) -> None:
    chosen, remarks = choose_ports({"http": None}, {"http": taken})
    assert chosen["http"] > taken
    (remark,) = remarks
    assert f"Port {taken} is held by" in remark
    assert f"(pid {os.getpid()})" in remark
    assert str(chosen["http"]) in remark


def test_a_busy_port_that_was_asked_for_is_refused_and_its_holder_named(taken: int) -> None:
    with pytest.raises(RequestRefused, match=rf"--http-port {taken} is held by .*\(pid {os.getpid()}\)"):
        choose_ports({"http": taken}, {"http": ports.any_free()})


def test_two_listeners_never_share_a_port() -> None:
    free = ports.any_free()
    chosen, _ = choose_ports(NOTHING_ASKED, {"http": free, "mqtt": free})
    assert chosen["http"] != chosen["mqtt"]
    with pytest.raises(RequestRefused, match="asked for twice"):
        choose_ports({"http": free, "mqtt": free}, {"http": 1, "mqtt": 2})


def test_a_second_holder_of_a_data_directory_is_refused(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(RequestRefused, match=rf"\(pid {os.getpid()}\)"), locked(tmp_path):
        pass


def test_a_data_directory_is_free_again_once_its_holder_is_gone(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path):
            pass


def _random(size: int) -> bytes:
    return bytes(range(size))


def test_secrets_are_made_once_and_stay_as_they_are(tmp_path: Path) -> None:
    first = load_secrets(tmp_path / "secrets", create=True, random_bytes=_random)
    assert load_secrets(tmp_path / "secrets", create=True, random_bytes=os.urandom) == first
    assert re.fullmatch(r"[0-9a-f]{64}", first.master_key)


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    load_secrets(tmp_path / "secrets", create=True, random_bytes=_random)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o600}


def test_secrets_are_not_shown_where_they_are_printed(tmp_path: Path) -> None:
    loaded = load_secrets(tmp_path, create=True, random_bytes=_random)
    assert loaded.master_key not in repr(loaded)


def test_a_secret_that_is_missing_where_there_is_data_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="Put it back from your backup"):
        load_secrets(tmp_path, create=False, random_bytes=_random)


def test_a_secret_that_an_earlier_version_did_not_know_is_drawn_where_there_is_data(tmp_path: Path) -> None:
    former = load_secrets(tmp_path, create=True, random_bytes=os.urandom)
    (tmp_path / "broker-alerting-password").unlink()
    mended = load_secrets(tmp_path, create=False, random_bytes=_random)
    assert mended.broker_alerting_password == _random(32).hex()
    assert mended.master_key == former.master_key


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"long and old", b"new"):
        write_private(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_log_that_has_grown_is_cut_and_a_few_older_ones_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "bridge.log"
    for number in range(5):
        log.write_text(str(number) * 11)
        assert rotate(log, limit_bytes=10, kept=2)
    assert log.stat().st_size == 0
    assert [path.read_text()[0] for path in sorted(tmp_path.glob("*.log.*"))] == ["4", "3"]


def test_a_log_that_has_not_grown_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "bridge.log"
    log.write_text("short")
    assert not rotate(log, limit_bytes=10)
    assert log.read_text() == "short"


def test_a_writer_goes_on_in_a_log_that_was_cut(tmp_path: Path) -> None:
    log = tmp_path / "bridge.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"before " * 10)
        rotate(log, limit_bytes=10)
        writer.write(b"after")
    assert log.read_bytes() == b"after"


def test_the_newest_postgresql_is_found(tmp_path: Path) -> None:
    for version in ("9.6", "15", "16"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "postgres").touch()
    assert find_binaries(tmp_path) == tmp_path / "16" / "bin"


def test_a_data_directory_that_the_account_can_enter_is_used() -> None:
    with open_directory("home") as directory:
        assert home_of("postgres", directory, account.account_for("postgres")) == directory.resolve() / "postgres"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts services under other accounts")
def test_a_data_directory_that_the_account_cannot_enter_gives_way_to_a_system_path() -> None:
    stranger = Account("stranger", 54321, 54321, ())
    with open_directory("home") as directory:
        directory.chmod(0o700)
        first, second = (home_of("postgres", directory / name, stranger) for name in ("one", "two"))
    assert first.parent.parent == second.parent.parent == account.SYSTEM_DIRECTORY
    assert first != second


def _program(directory: Path, script: str, **more: object) -> Program:
    command = ("/bin/sh", "-c", script)
    return Program(name="part", command=command, log_path=directory / "part.log", directory=directory, **more)  # type: ignore[arg-type]


async def _ready() -> bool:
    return True


async def _never() -> bool:
    return False


def test_a_child_that_does_not_end_when_asked_is_ended(tmp_path: Path) -> None:
    child = spawn(_program(tmp_path, "trap '' TERM; echo deaf; while :; do sleep 0.1; done"))
    until(lambda: "deaf" in (tmp_path / "part.log").read_text(), "a child that hears nothing")
    assert run(child.stop(grace_s=0.1)) == -signal.SIGKILL
    child.close()


async def test_what_a_child_prints_goes_where_nobody_else_reads(tmp_path: Path) -> None:
    child = spawn(_program(tmp_path, "echo secret; echo remark >&2", output_path=tmp_path / "printed"))
    assert await child.wait() == 0
    child.close()
    assert (tmp_path / "printed").read_text() == "secret\n"
    assert (tmp_path / "printed").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "part.log").read_text() == "remark\n"


async def test_what_ends_before_it_is_ready_is_a_fault_with_its_last_words(tmp_path: Path) -> None:
    keeper = Keeper(Service(program=_program(tmp_path, "echo no disk left; exit 3"), ready=_never), lambda _: None)
    async with asyncio.TaskGroup() as tasks:
        with pytest.raises(PlatformError, match=r"part ended before it was ready(.|\n)*no disk left"):
            async with kept(keeper, tasks):
                pass


async def test_what_ends_by_itself_is_started_again(tmp_path: Path) -> None:
    states: list[State] = []
    again = asyncio.Event()

    def on_change(keeper: Keeper) -> None:
        states.append(keeper.state)
        if keeper.restarts == 1 and keeper.state is State.READY:
            again.set()

    service = Service(program=_program(tmp_path, "sleep 1000"), ready=_ready)
    async with asyncio.TaskGroup() as tasks, kept(Keeper(service, on_change), tasks) as keeper:
        assert keeper.child
        keeper.child.signal(signal.SIGKILL)
        await asyncio.wait_for(again.wait(), 20)
    first, second = [State.STARTING, State.READY], [State.RESTARTING, State.STARTING, State.READY]
    assert states == [*first, *second, State.STOPPED]
    until(lambda: not processes_in(tmp_path), "nothing left of it")


def test_a_child_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, tmp_path], stdout=subprocess.PIPE)
    assert parent.stdout
    assert parent.stdout.readline() == b"started\n"
    assert processes_in(tmp_path)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not processes_in(tmp_path), "a child that is gone")


_PARENT = """
import sys, time
from pathlib import Path
from hydroalert.embedded.child import Program, spawn
directory = Path(sys.argv[1])
command = ("/bin/sh", "-c", "echo here; exec sleep 1000")
spawn(Program(name="part", command=command, log_path=directory / "part.log", directory=directory))
while not (directory / "part.log").read_text():
    time.sleep(0.01)
print("started", flush=True)
time.sleep(1000)
"""


def test_what_a_former_run_left_in_a_directory_is_ended(tmp_path: Path) -> None:
    left = [subprocess.Popen(["sleep", "1000"], cwd=tmp_path) for _ in range(2)]
    assert run(_stop_and_reap(tmp_path, left)) == 2
    assert [process.returncode for process in left] == [-signal.SIGTERM] * 2
    assert run(stop_former(tmp_path, signal.SIGTERM)) == 0


async def _stop_and_reap(directory: Path, children: list[subprocess.Popen[bytes]]) -> int:
    """Only a parent can make an ended child vanish: ours are these."""
    async with asyncio.TaskGroup() as tasks:
        for child in children:
            tasks.create_task(asyncio.to_thread(child.wait))
        return await stop_former(directory, signal.SIGTERM)
