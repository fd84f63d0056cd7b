"""The Python device library can be installed by itself."""

import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "firmware-protocol" / "python"
CORE = ("cbor", "device", "errors", "frames", "memory_spool", "receipts", "resend", "senml", "spool", "store")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as pip would install it."""
    folder = tmp_path_factory.mktemp("wheel")
    build: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=SOURCE, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_its_core_runs_on_the_standard_library_alone(wheel: Path) -> None:
    imports = "; ".join(f"import firmware_protocol.{module}" for module in CORE)
    program = f"import sys; sys.path.insert(0, {str(wheel)!r}); {imports}; print(firmware_protocol.__file__)"
    alone = [sys.executable, "-I", "-S", "-c", program]
    printed = subprocess.run(alone, capture_output=True, text=True, check=True).stdout
    assert printed.startswith(str(wheel))


def test_every_module_is_in_the_wheel_with_the_mark_that_it_is_typed(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("firmware_protocol/")}
    kept = {f"firmware_protocol/{path.name}" for path in (SOURCE / "firmware_protocol").iterdir() if path.is_file()}
    assert packed == kept
    assert "firmware_protocol/py.typed" in packed


def test_it_asks_for_nothing_but_an_mqtt_client_and_that_only_as_an_extra(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = next(name for name in archive.namelist() if name.endswith("/METADATA"))
    wanted = message_from_bytes(archive.read(metadata)).get_all("Requires-Dist") or []
    assert [requirement for requirement in wanted if not requirement.endswith("; extra == 'mqtt'")] == []
    assert {requirement.partition("<")[0] for requirement in wanted} == {"aiomqtt", "paho-mqtt"}


def test_the_example_of_the_readme_runs(wheel: Path, tmp_path: Path) -> None:
    example = (SOURCE / "README.md").read_text().split("```python\n")[1].split("```")[0]
    program = f"import sys; sys.path.insert(0, {str(wheel)!r})\n{example}"
    alone = [sys.executable, "-I", "-c", program]
    printed = subprocess.run(alone, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert printed.startswith("hydroalert/v1/devices/gauge-1/frames 0100")
