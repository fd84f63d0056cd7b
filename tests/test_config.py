"""Laws of what the environment says of the platform's voice: it is sound, or the process does not start."""

from pathlib import Path

import pytest

from hydroalert import config
from hydroalert.config import Config
from hydroalert.domain.errors import InvalidInput, SecretsError
from hydroalert.judging.voice import Voice


def test_a_voice_that_nobody_set_speaks_english_and_spanish_unsigned() -> None:
    voice = Config({}).cap_voice
    assert voice == Voice()
    assert voice.languages == ("en", "es")
    assert voice.signing is None


def test_what_is_set_is_what_is_said() -> None:
    voice = Config(
        {
            config.CAP_SENDER: "warnings@example.org",
            config.CAP_SENDER_NAME: "Rivers",
            config.CAP_LANGUAGES: "es, en",
            config.CAP_WEB: "https://example.org/floods",
            config.CAP_CONTACT: "112",
        }
    ).cap_voice
    assert voice == Voice("warnings@example.org", "Rivers", ("es", "en"), "https://example.org/floods", "112")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        (config.CAP_SENDER, "flood warnings", "must have no blanks"),
        (config.CAP_LANGUAGES, "en,tlh", "no texts in 'tlh'"),
        (config.CAP_WEB, "example.org", "http or https"),
    ],
)
def test_a_voice_that_could_not_be_heard_is_refused(variable: str, value: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        _ = Config({variable: value}).cap_voice


def test_a_key_that_cannot_be_read_or_has_no_certificate_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----")
    for environ in ({config.CAP_KEY: str(key)}, {config.CAP_KEY: str(key), config.CAP_CERTIFICATE: "/nowhere.pem"}):
        with pytest.raises(SecretsError, match="must both name PEM files"):
            _ = Config(environ).cap_voice


def test_files_that_are_no_key_and_certificate_are_refused_when_the_process_starts(tmp_path: Path) -> None:
    pem = tmp_path / "some.pem"
    pem.write_text("none")
    with pytest.raises(InvalidInput, match="cannot be signed"):
        _ = Config({config.CAP_KEY: str(pem), config.CAP_CERTIFICATE: str(pem)}).cap_voice
