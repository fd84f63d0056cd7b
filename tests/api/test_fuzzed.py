"""Whatever anybody sends, the answer is one that the schema names: schemathesis asks, as people of each role.

`make test` asks a little as an administrator, who gets furthest; `make fuzz` asks much, as everybody.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from hydroalert.api.services import Services
from hydroalert.domain.actors import Role
from tests.api.people import logged_in
from tests.api.world import World, at

EXAMPLES = os.environ.get("HYDROALERT_FUZZ_EXAMPLES")
ROLES = [None, *Role] if EXAMPLES else [Role.ADMIN]
PHASES = "examples,coverage,fuzzing" if EXAMPLES else "fuzzing"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
LEFT_OUT = {
    "/health/ready": "is 503 rightly: there is no broker",
    "/api/v1/stream": "never ends",
    "/api/v1/logout": "ends the login that all the others need",
}


@pytest.mark.parametrize("role", ROLES, ids=str)
async def test_nothing_that_the_schema_allows_upsets_the_api(
    world: World, services: Services, base_url: str, tmp_path: Path, role: Role | None
) -> None:
    level = await world.add_series()
    await world.observe(level, [(at(step), float(step)) for step in range(50)])
    headers = {} if role is None else await logged_in(services, role)
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("st")), "run", f"{base_url}/schema/openapi.json"),
        *("--checks", CHECKS, "--phases", PHASES, "--max-examples", EXAMPLES or "1"),
        *(part for path in LEFT_OUT for part in ("--exclude-path", path)),
        *(part for name, value in headers.items() for part in ("--header", f"{name}: {value}")),
        *("--seed", "1", "--generation-database", "none", "--no-color"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
