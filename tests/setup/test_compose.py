"""compose.yaml and the Dockerfile name only what the project has. No container engine is needed to know that."""

import argparse
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import device_sim.__main__
import pytest
import yaml

from hydroalert import config
from hydroalert.cli.main import make_parser

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PARSERS = {"hydroalert": make_parser, "device-sim": device_sim.__main__.parser}

every_service = pytest.mark.parametrize("name", SERVICES)
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)


def strings(value: object) -> Iterator[str]:
    """Every text in a piece of YAML."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from strings(key)
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    else:
        yield str(value)


def shell_lines(service: dict[str, Any]) -> list[str]:
    """The lines of a service that is a small shell script; none where it is a plain command."""
    return str(service["command"][-1]).splitlines() if "-euc" in strings(service) else []


def program_lines(service: dict[str, Any]) -> list[list[str]]:
    """Each call of our own programs that a service makes, as words."""
    if "-euc" in strings(service):
        lines = [shlex.split(line.split(">")[0]) for line in shell_lines(service)]
        return [words for words in lines if words and words[0] in PARSERS]
    if "entrypoint" in service:
        return []
    return [[service["build"]["target"], *service["command"]]]


CALLS = [pytest.param(words, id=f"{name}: {words[1]}") for name in OURS for words in program_lines(SERVICES[name])]


@pytest.mark.parametrize("words", CALLS)
def test_every_command_is_one_that_the_program_takes(words: list[str]) -> None:
    parsed = PARSERS[words[0]]().parse_args(words[1:])
    assert isinstance(parsed, argparse.Namespace)


@pytest.mark.parametrize("name", ["migrate", "bridge", "alerting", "api"])
def test_the_platforms_processes_are_all_there(name: str) -> None:
    assert SERVICES[name]["command"][0] == name


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_our_own_containers_is_known_to_the_configuration(name: str) -> None:
    assert set(SERVICES[name].get("environment", {})) <= set(config.VARIABLES)


def test_the_image_sets_only_variables_that_something_reads() -> None:
    ours = set(re.findall(r"(HYDROALERT_\w+)=", DOCKERFILE))
    assert ours <= set(config.VARIABLES)


def substitutions() -> list[str]:
    text = (ROOT / "compose.yaml").read_text().replace("$$", "")
    return re.findall(r"\$\{?[^\s}]*[^}]*\}?", "\n".join(line for line in text.splitlines() if "#" not in line[:3]))


def test_no_secret_has_a_default() -> None:
    assert substitutions()
    for text in substitutions():
        assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}.*", text), text


def test_the_secrets_script_draws_exactly_what_is_asked_for() -> None:
    script = [str(ROOT / "setup/container-secrets.sh"), "water.example"]
    first, second = (subprocess.run(script, capture_output=True, text=True, check=True).stdout for _ in range(2))
    drawn = dict(line.split("=", 1) for line in first.splitlines())
    assert set(drawn) == {name for text in substitutions() for name in re.findall(r"[A-Z_]{5,}", text)}
    assert re.fullmatch(r"[0-9a-f]{64}", drawn["HYDROALERT_MASTER_KEY"])
    assert set(first.splitlines()) & set(second.splitlines()) == {"HYDROALERT_BROKER_NAME=water.example"}


def mounts(name: str) -> list[list[str]]:
    return [text.split(":") for text in SERVICES[name].get("volumes", [])]


def test_every_volume_is_declared_and_every_declared_volume_is_mounted() -> None:
    named = {mount[0] for name in SERVICES for mount in mounts(name) if not mount[0].startswith(".")}
    assert named == set(COMPOSE["volumes"])


@every_service
def test_a_file_that_is_mounted_is_part_of_the_project(name: str) -> None:
    for mount in mounts(name):
        assert not mount[0].startswith(".") or (ROOT / mount[0]).is_file()


@every_service
def test_who_is_waited_for_can_become_what_is_waited_for(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        waited = SERVICES[other]
        ends = waited["restart"] == "no"
        assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy")
        assert ends or "healthcheck" in waited


@every_service
def test_what_runs_by_default_waits_for_nothing_of_a_profile(name: str) -> None:
    waited = SERVICES[name].get("depends_on", {})
    assert "profiles" in SERVICES[name] or not any("profiles" in SERVICES[other] for other in waited)


@every_service
def test_an_image_of_others_is_pinned_to_a_version(name: str) -> None:
    assert re.search(r":\d", SERVICES[name]["image"])


def published() -> list[tuple[str, str, str]]:
    """(service, address, port inside) of each published port; the address is empty where it is open to all."""
    splits = [(name, text.rsplit(":", 2)) for name in SERVICES for text in SERVICES[name].get("ports", [])]
    return [(name, parts[0] if len(parts) == 3 else "", parts[-1]) for name, parts in splits]


def test_only_the_brokers_tls_listener_is_open_to_the_field() -> None:
    assert [(name, port) for name, address, port in published() if address != "127.0.0.1"] == [("broker", "8883")]


def test_every_published_port_is_one_that_the_service_listens_on() -> None:
    listeners = re.findall(r"^listener (\d+)", (ROOT / "mosquitto.conf").read_text(), flags=re.MULTILINE)
    command = SERVICES["api"]["command"]
    assert {(name, port) for name, _, port in published()} == {
        ("api", command[command.index("--port") + 1]),
        *(("broker", port) for port in listeners),
    }


def test_the_line_of_mosquitto_conf_that_the_broker_replaces_is_there() -> None:
    expression = re.search(r"s/(\^.+?\$)\$/", SERVICES["broker"]["command"][-1])
    assert expression
    lines = (ROOT / "mosquitto.conf").read_text().splitlines()
    assert sum(bool(re.fullmatch(expression[1], line)) for line in lines) == 1


def test_the_broker_finds_its_accounts_and_certificates_where_its_configuration_says() -> None:
    text = (ROOT / "mosquitto.conf").read_text()
    accounts = SERVICES["broker-accounts"]["command"][-1]
    certificates = SERVICES["broker-certificates"]["entrypoint"][-1]
    assert f"\nplugin_opt_config_file {accounts}\n" in text
    assert f"\ncertfile {certificates}/server.crt\n" in text
    assert f"\nkeyfile {certificates}/server.key\n" in text


def copied() -> list[str]:
    """What the Dockerfile takes out of the project."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


@pytest.mark.parametrize("source", copied())
def test_what_the_image_is_built_from_exists_and_reaches_the_builder(source: str) -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert (ROOT / source).exists()
    assert source.rstrip("/") in let_in


def test_every_requirements_file_that_the_image_installs_exists() -> None:
    for name in re.findall(r"-r (\S+)|--require-hashes (requirements/\S+)", DOCKERFILE):
        assert (ROOT / "".join(name)).is_file()


def test_every_script_that_a_container_runs_is_in_the_image() -> None:
    script = SERVICES["broker-certificates"]["entrypoint"][1]
    assert (ROOT / "broker" / Path(script).name).is_file()
    assert f"COPY broker/ {Path(script).parent}/" in DOCKERFILE


@pytest.mark.parametrize("name", OURS)
def test_every_build_target_is_a_stage(name: str) -> None:
    assert re.search(rf"^FROM \S+ AS {SERVICES[name]['build']['target']}$", DOCKERFILE, flags=re.MULTILINE)


def test_no_container_of_ours_runs_as_root() -> None:
    runtime = next(stage for stage in DOCKERFILE.split("\nFROM ") if " AS runtime\n" in stage)
    users = re.findall(r"^USER (.+)$", runtime, flags=re.MULTILINE)
    users += [service["user"] for service in SERVICES.values() if "user" in service]
    assert users
    assert all(re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", user) for user in users)
