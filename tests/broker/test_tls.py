"""The field's listener: certificates made by broker/certificates.sh, believed by whoever has its authority."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
import pytest

from hydroalert.embedded import ports
from hydroalert.embedded.certificates import SCRIPT, field_listener
from hydroalert.embedded.mosquitto import Broker, Tls
from tests._services import open_directory, run, running_mosquitto
from tests.broker._hostile import connect_packet
from tests.broker._people import DEVICE_PASSWORD, granted, introduce


@dataclass(frozen=True)
class Field:
    """A broker with a TLS listener, and the authority that its devices carry."""

    broker: Broker
    authority: Path

    @property
    def port(self) -> int:
        assert self.broker.tls
        return self.broker.tls.port


@pytest.fixture(scope="module")
def field() -> Iterator[Field]:
    """A broker open to the field, as far as loopback is one."""
    with open_directory("certificates") as directory:
        tls = run(field_listener(directory, host="127.0.0.1", port=ports.any_free(), names=("localhost", "127.0.0.1")))
        with running_mosquitto(tls=tls) as broker:
            run(introduce(broker))
            yield Field(broker, directory / "ca.crt")


def _device(field: Field, context: ssl.SSLContext, host: str = "localhost") -> aiomqtt.Client:
    return aiomqtt.Client(
        host,
        field.port,
        username="river-1",
        password=DEVICE_PASSWORD,
        protocol=aiomqtt.ProtocolVersion.V5,
        tls_context=context,
    )


async def _shake_hands(field: Field, context: ssl.SSLContext) -> None:
    _, writer = await asyncio.open_connection("localhost", field.port, ssl=context)
    writer.close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_device_with_the_authority_is_let_in_under_each_name(field: Field, host: str) -> None:
    async with _device(field, ssl.create_default_context(cafile=str(field.authority)), host) as device:
        assert await granted(device, "hydroalert/v1/devices/river-1/receipts")


async def test_the_fields_listener_has_the_same_access_rules(field: Field) -> None:
    async with _device(field, ssl.create_default_context(cafile=str(field.authority))) as device:
        assert not await granted(device, "hydroalert/v1/devices/river-2/receipts")
        assert not await granted(device, "#")


async def test_a_device_that_does_not_know_the_authority_does_not_connect(field: Field) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await _shake_hands(field, ssl.create_default_context())


async def test_no_plain_text_is_spoken_on_the_fields_listener(field: Field) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", field.port)
    writer.write(connect_packet("river-1", DEVICE_PASSWORD))
    with contextlib.suppress(ConnectionError):
        assert not (await reader.read()).startswith(b"\x20")  # no CONNACK
    writer.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_nothing_below_tls_1_2_is_spoken(field: Field) -> None:
    context = ssl.create_default_context(cafile=str(field.authority))
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await _shake_hands(field, context)


def _make(directory: Path, *names: str) -> str:
    done = subprocess.run(["/bin/sh", SCRIPT, directory, *names], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_certificates_that_are_good_are_kept(tmp_path: Path) -> None:
    assert [_make(tmp_path, "localhost") for _ in range(2)] == ["made", "kept"]


def test_a_new_name_makes_a_new_server_certificate_of_the_same_authority(tmp_path: Path) -> None:
    _make(tmp_path, "localhost")
    authority, server = (tmp_path / "ca.crt").read_bytes(), (tmp_path / "server.crt").read_bytes()
    assert _make(tmp_path, "localhost", "192.0.2.7") == "made"
    assert (tmp_path / "ca.crt").read_bytes() == authority
    assert (tmp_path / "server.crt").read_bytes() != server


def test_certificates_of_another_authority_are_left_alone(tmp_path: Path) -> None:
    _make(tmp_path, "localhost")
    (tmp_path / "ca.key").unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert _make(tmp_path, "a.new.name") == "kept"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    _make(tmp_path, "localhost")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.key")} == {0o600}


def test_without_a_name_the_script_says_what_it_needs(tmp_path: Path) -> None:
    done = subprocess.run(["/bin/sh", SCRIPT, tmp_path], check=False, capture_output=True, text=True)
    assert (done.returncode, "name at least one host" in done.stderr) == (2, True)


def test_the_listener_is_given_what_the_script_made(tmp_path: Path) -> None:
    tls = run(field_listener(tmp_path, host="127.0.0.1", port=1, names=("localhost",)))
    assert tls == Tls("127.0.0.1", 1, tmp_path / "server.crt", tmp_path / "server.key")
