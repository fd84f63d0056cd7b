"""The private Mosquitto, and that the one mosquitto.conf is what it runs."""

import aiomqtt
import pytest

from hydroalert.embedded.errors import PlatformError
from hydroalert.embedded.mosquitto import CONFIGURATION, Broker, derive_configuration


async def test_the_bridge_is_let_in_with_its_password(mosquitto: Broker) -> None:
    async with aiomqtt.Client(
        mosquitto.host, mosquitto.port, username="_bridge", password=mosquitto.bridge_password
    ) as client:
        await client.publish("hydroalert/v1/time", b'{"unix_ms":0}')


async def test_a_wrong_password_is_turned_away(mosquitto: Broker) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client(mosquitto.host, mosquitto.port, username="_bridge", password="wrong"):
            pass


def test_a_line_that_is_not_in_the_file_cannot_be_replaced() -> None:
    with pytest.raises(PlatformError, match="begins with `listener 1884`, not 0"):
        derive_configuration(CONFIGURATION.read_text(), {"listener 1884": "listener 9"}, with_tls=True)


def test_without_certificates_the_field_listener_is_left_out() -> None:
    text = derive_configuration(CONFIGURATION.read_text(), {}, with_tls=False)
    assert "listener 1883" in text
    assert "listener 8883" not in text
    assert "certfile" not in text


def test_what_is_not_replaced_stays_as_the_file_has_it() -> None:
    text = CONFIGURATION.read_text()
    derived = derive_configuration(text, {"autosave_interval": "autosave_interval 1"}, with_tls=True)
    assert derived == text.replace("\nautosave_interval 30\n", "\nautosave_interval 1\n")
