"""The command line as a person uses it, in this process, on a database of the test's own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from hydroalert.cli.main import main
from hydroalert.config import BROKER_ADMIN_PASSWORD, BROKER_ALERTING_PASSWORD, BROKER_BRIDGE_PASSWORD, BROKER_URL

MASTER_KEY = bytes(range(32))


@dataclass(frozen=True)
class Said:
    """What one command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `hydroalert …` on the test's database; there is no broker to tell."""
    monkeypatch.setenv("HYDROALERT_DATABASE_URL", database_url)
    monkeypatch.setenv("HYDROALERT_MASTER_KEY", MASTER_KEY.hex())
    monkeypatch.setenv("HYDROALERT_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("HYDROALERT_BROKER_URL", raising=False)

    def run_(*arguments: str) -> Said:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        finally:
            structlog.reset_defaults()
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run_


@pytest.fixture
def no_broker(run: Run, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> None:
    """Everything that a bridge is told, but nobody behind it. `run` forgets the broker, so it comes first."""
    monkeypatch.setenv(BROKER_URL, f"mqtt://127.0.0.1:{unused_tcp_port}")
    monkeypatch.setenv(BROKER_ADMIN_PASSWORD, "secret")
    monkeypatch.setenv(BROKER_BRIDGE_PASSWORD, "secret")
    monkeypatch.setenv(BROKER_ALERTING_PASSWORD, "secret")
