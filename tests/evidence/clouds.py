"""A cloud on this machine: a server that speaks S3."""

import contextlib
from collections.abc import Iterator

import httpx
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "pictures"


@contextlib.contextmanager
def running_s3() -> Iterator[str]:
    """Where it answers; it has one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    httpx.put(f"http://{host}:{port}/{BUCKET}").raise_for_status()
    yield f"http://{host}:{port}"
    server.stop()


def point_at(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Endpoint and credentials in the environment, as obstore reads them."""
    for name, value in (("ACCESS_KEY_ID", "k"), ("SECRET_ACCESS_KEY", "s"), ("REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT", endpoint)
