"""setup/install.sh: what it asks for, and what it tells a person. Its functions run against a described machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPLETE = """
venv_is_whole() { return 1; }
have_postgis() { return 0; }
have_broker() { return 0; }
have_compiler() { return 0; }
python_with_venv() { return 0; }
python_without_venv() {
    if [[ $2 == 'import ensurepip' ]]; then return 1; fi
    command python3 "$@"
}
"""
NOBODY = """
id() { echo 1000; }
command() { if [[ $2 == sudo ]]; then return 1; fi; builtin command "$@"; }
"""


def on_machine(script: str, *, described: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a script with install.sh's functions at hand, on a complete machine but for what is described."""
    whole = f"source setup/install.sh\n{COMPLETE}\n{described}\n{script}"
    return subprocess.run(["bash", "-c", whole], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_complete_machine_needs_no_package() -> None:
    assert on_machine("missing_packages python_with_venv").stdout == ""


@pytest.mark.parametrize(
    ("probe", "packages"),
    [
        ("have_postgis", ["postgresql-postgis"]),
        ("have_broker", ["mosquitto"]),
        ("have_compiler", ["gcc", "libc6-dev"]),
    ],
)
def test_what_is_missing_is_asked_for_by_debians_name(probe: str, packages: list[str]) -> None:
    done = on_machine("missing_packages python_with_venv", described=f"{probe}() {{ return 1; }}")
    assert done.stdout.split() == packages


def test_an_interpreter_without_ensurepip_is_given_the_package_of_its_own_version() -> None:
    version = subprocess.run(["python3", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    done = on_machine("missing_packages python_without_venv")
    assert done.stdout.split() == [f"python{version.rpartition('.')[0]}-venv"]


def test_a_finished_environment_needs_no_package_to_make_one() -> None:
    done = on_machine("missing_packages python_without_venv", described="venv_is_whole() { return 0; }")
    assert done.stdout == ""


def test_whoever_has_neither_root_nor_sudo_is_told_what_to_type_as_root() -> None:
    done = on_machine("install_as_root mosquitto gcc", described=NOBODY)
    assert done.returncode == 1
    assert f"As root, run: {ROOT}/setup/apt.sh mosquitto gcc" in done.stderr


def test_an_old_interpreter_is_refused_with_the_way_to_name_another() -> None:
    done = on_machine("find_python", described="is_recent_python() { return 1; }")
    assert done.returncode == 1
    assert "PYTHON=" in done.stderr


def test_the_interpreter_that_was_named_is_taken() -> None:
    assert on_machine("find_python", described=f"PYTHON={sys.executable}").stdout.strip() == sys.executable


def half_made_environment(where: Path) -> Path:
    """What Debian's python3 leaves of a virtual environment when the package python3-venv is missing."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(where / ".venv")], check=True)
    return where


def test_half_an_environment_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    script = f"source {ROOT}/setup/install.sh; cd {half_made_environment(tmp_path)}; venv_is_whole"
    assert subprocess.run(["bash", "-c", script], check=False).returncode == 1


def test_a_proxy_reaches_the_root_side_of_sudo() -> None:
    environment = os.environ | {"https_proxy": "proxy.example:3128", "HYDROALERT_MASTER_KEY": "secret"}
    script = "source setup/install.sh; proxy_settings"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "https_proxy=proxy.example:3128" in done.stdout.splitlines()
    assert "secret" not in done.stdout
