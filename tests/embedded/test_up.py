"""`hydroalert up` as a person meets it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from hydroalert.embedded.account import account_for, home_of
from hydroalert.embedded.demo import STATIONS
from tests.embedded._up import (
    ANY_PORTS,
    PATIENCE_S,
    Up,
    command_line,
    new_data_dir,
    run_hydroalert,
    running_up,
    start,
    until,
)


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    """One platform for the tests that leave it running."""
    with new_data_dir() as data_dir, running_up(data_dir) as running:
        yield running


def test_what_is_announced_answers(up: Up) -> None:
    assert up.get("/health")
    assert up.is_ready()
    assert set(up.endpoints) == {"http", "mqtt", "database"}


def test_what_is_announced_is_readable_by_its_owner_only(up: Up) -> None:
    announced = up.data_dir / "endpoints.json"
    assert announced.read_text() == up.ready_file.read_text()
    assert announced.stat().st_mode & 0o777 == up.ready_file.stat().st_mode & 0o777 == 0o600


def test_the_command_line_finds_the_platform_by_its_data_directory(up: Up) -> None:
    station = ("station", "add", "kelani-glencourse", "--name", "Glencourse", "--lon", "80.203", "--lat", "6.978")
    run_hydroalert(up.data_dir, *station)
    assert "kelani-glencourse" in [one["code"] for one in up.get("/api/v1/stations")["stations"]]


def test_the_first_administrator_is_shown_a_password_that_lets_it_in_to_change_it(up: Up) -> None:
    (password,) = re.findall(r"'admin' with the password (\S+): it is shown this once", up.output)
    login = httpx.post(up.endpoints["http"] + "/api/v1/login", json={"name": "admin", "password": password})
    assert (login.status_code, login.json()["role"], login.json()["must_change_password"]) == (200, "admin", True)


def test_without_a_terminal_it_says_how_things_stand_in_plain_lines(up: Up) -> None:
    until(lambda: "observations stored" in up.output, "a plain line")
    assert "\x1b[" not in up.output


def test_a_second_up_on_the_same_data_is_refused_and_names_the_first(up: Up) -> None:
    second = start(up.data_dir, *ANY_PORTS)
    assert second.process.wait(PATIENCE_S) == 2
    assert f"already runs on {up.data_dir} (pid {up.process.pid})" in up.output
    assert up.is_ready()


@pytest.mark.parametrize("service", ["postgres", "mosquitto", "run"])
def test_a_part_that_is_killed_is_started_again(up: Up, service: str) -> None:
    former = up.processes_of(service)
    for pid in former:
        with suppress(ProcessLookupError):  # a backend whose postmaster fell first
            os.kill(pid, signal.SIGKILL)
    until(lambda: set(up.processes_of(service)) - set(former), f"a new {service}")
    until(up.is_ready, "ready again")
    assert not set(up.processes_of(service)) & set(former)


def test_a_signal_before_it_is_ready_ends_everything_too() -> None:
    with new_data_dir() as data_dir:
        up = start(data_dir, *ANY_PORTS)
        until(lambda: up.processes_of("postgres"), "a PostgreSQL that starts")
        assert up.stop() == 0
        assert up.processes() == ()


def test_kill_9_leaves_nothing_behind_and_the_next_up_continues_until_a_signal_ends_it_in_order() -> None:
    with new_data_dir() as data_dir:
        with running_up(data_dir) as up:
            run_hydroalert(data_dir, "station", "add", "kept", "--name", "Kept", "--lon", "80", "--lat", "7")
            up.stop(signal.SIGKILL)
            until(lambda: up.processes() == (), "no process of it left")
        up.ready_file.unlink()  # nobody was left to remove it
        with running_up(data_dir) as again:
            assert [one["code"] for one in again.get("/api/v1/stations")["stations"]] == ["kept"]
            assert again.output.count("with the password") == 1  # the former wrote there too
            _ends_in_order(again, signal.SIGTERM)


def _ends_in_order(up: Up, number: signal.Signals) -> None:
    assert up.stop(number) == 0
    assert up.processes() == ()
    assert not up.ready_file.exists()
    assert not (up.data_dir / "endpoints.json").exists()


def test_a_port_that_was_asked_for_and_is_taken_is_refused_by_name() -> None:
    with new_data_dir() as data_dir, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up = start(data_dir, *ANY_PORTS, "--http-port", str(port))
        assert up.process.wait(PATIENCE_S) == 2
        assert f"--http-port {port} is held by" in up.output
        assert f"(pid {os.getpid()})" in up.output
        assert up.processes() == ()


def test_an_earlier_versions_data_is_given_what_it_lacks_but_no_other_key_to_what_is_sealed() -> None:
    with new_data_dir() as data_dir:
        with running_up(data_dir):
            pass
        (data_dir / "secrets" / "broker-alerting-password").unlink()
        _forget_user(home_of("mosquitto", data_dir, account_for("mosquitto")) / "dynamic-security.json", "_alerting")
        with running_up(data_dir) as up:
            assert up.is_ready()
            assert "publishing" in (data_dir / "logs" / "alerting.log").read_text().splitlines()[-1]
        (data_dir / "secrets" / "master-key").unlink()
        refused = start(data_dir, *ANY_PORTS)
        assert refused.process.wait(PATIENCE_S) == 1
        assert "Put it back from your backup" in refused.output


def _forget_user(path: Path, name: str) -> None:
    """Leave a broker's accounts as a version did that knew no such user."""
    accounts = json.loads(path.read_text())
    accounts["clients"] = [one for one in accounts["clients"] if one["username"] != name]
    accounts["roles"] = [one for one in accounts["roles"] if one["rolename"] != name]
    path.write_text(json.dumps(accounts))


def test_the_demonstration_continues_where_it_stopped() -> None:
    with new_data_dir() as data_dir:
        fleet = data_dir / "sim" / "fleet.json"
        with running_up(data_dir, "--sim") as up:
            until(lambda: _stored(up) > 0, "an observation of the simulated fleet")
            assert len(up.get("/api/v1/areas")["areas"]) == len(STATIONS)
            keys = fleet.read_bytes()
            _ends_in_order(up, signal.SIGINT)
        with running_up(data_dir, "--sim") as up:
            before = _stored(up)
            assert before > 0
            until(lambda: _stored(up) > before, "a further observation")
            assert fleet.read_bytes() == keys


def test_an_ordinary_user_runs_it_too() -> None:
    if os.geteuid() != 0:
        pytest.skip("every other test here already runs as an ordinary user")
    with new_data_dir() as data_dir:
        shutil.chown(data_dir, "nobody", "nogroup")
        path = os.pathsep.join(filter(None, sys.path))
        as_nobody = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "env")
        as_nobody += (
            f"HOME={data_dir}",
            f"PYTHONPYCACHEPREFIX={data_dir}",
            f"PYTHONPATH={path}",
        )
        up = start(data_dir, *ANY_PORTS, prefix=as_nobody, interpreter=_interpreter_for(as_nobody))
        up.wait_ready()
        assert up.is_ready()
        assert {Path("/proc", str(pid)).stat().st_uid for pid in up.processes()} == {data_dir.stat().st_uid}
        assert up.stop() == 0
        assert up.processes() == ()


def _interpreter_for(prefix: tuple[str, ...]) -> str:
    """Ours, or the system's, where ours lies below a home that only root enters."""
    for interpreter in (sys.executable, "/usr/bin/python3"):
        attempt = [*prefix, *command_line("--help", interpreter=interpreter)]
        if subprocess.run(attempt, check=False, capture_output=True).returncode == 0:
            return interpreter
    pytest.skip("`nobody` can run no interpreter that has the libraries")


def _stored(up: Up) -> int:
    return int(up.get("/health/detailed")["counts"]["stored"])
