"""One round after the other: load, blows, quiet, comparison."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import asyncpg
import httpx
from device_sim.fleet import Member
from device_sim.ledger import FILE_NAME

from chaos.blows import Blow, Target, deal, plan_round
from chaos.deeds import read_deeds, write_deeds
from chaos.fleet import Load, run_fleet
from chaos.hiring import settled_town
from chaos.kept import read_kept, sweep
from chaos.killing import Killer, NothingToKill
from chaos.people import Crowd
from chaos.platform import Endpoints, registered_fleet, running
from chaos.reports import PeopleVerdict, judge_people
from chaos.truth import Held, Verdict, judge, newest_values, read_database, read_ledger
from chaos.warnings import WarningVerdict, judge_warnings, read_warnings

SETTLE_WITHIN_S = 30.0
TRY_AGAIN_S = 0.05
DATA_DIR = "platform"
WORKERS = (1, 2)
"""The first half of the rounds runs with one bridge worker, the rest, after a restart of everything, with two."""


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    rounds: int
    seed: int
    devices: int
    blows: int
    targets: tuple[Target, ...]
    load: Load


@dataclass(frozen=True)
class Result:
    """One round as it went. `kills` were done, in this order; `in_spools` frames never got their receipt."""

    number: int
    workers: int
    kills: tuple[str, ...]
    in_spools: int
    ready: bool
    elapsed_s: float
    frames: int
    verdict: Verdict
    warnings: WarningVerdict
    people: PeopleVerdict

    @property
    def passed(self) -> bool:
        """Whether everything sent is stored, once, as it was, all that follows is warned of, people can rely on what
        they were told, and the platform is whole."""
        amiss = self.verdict.amiss + self.warnings.amiss + self.people.amiss
        return not amiss and not self.in_spools and self.ready


async def play(plan: Plan, directory: Path) -> AsyncIterator[Result]:
    """Play every round below `directory`; each result as it comes. Raises PlatformFailed."""
    dice = Random(plan.seed)
    targets = deal(dice, plan.targets)
    data_dir, deeds = directory / DATA_DIR, read_deeds(directory)
    numbers = range(1, plan.rounds + 1)
    for workers, share in zip(WORKERS, (numbers[: plan.rounds // 2], numbers[plan.rounds // 2 :]), strict=True):
        if share:
            async with running(data_dir, workers=workers) as endpoints:
                members = await registered_fleet(data_dir, plan.devices)
                town = await settled_town(endpoints, directory)
                crowd = Crowd(town, endpoints, deeds, Random(plan.seed))
                arena = Arena(plan, directory, endpoints, members, crowd, Killer(data_dir, dice), dice)
                for number in share:
                    yield await arena.round(number, workers, targets)


@dataclass(frozen=True)
class Arena:
    """A running platform, a fleet, people, and who kills."""

    plan: Plan
    directory: Path
    endpoints: Endpoints
    members: Sequence[Member]
    crowd: Crowd
    killer: Killer
    dice: Random

    async def round(self, number: int, workers: int, targets: Iterator[Target]) -> Result:
        """Load and blows at the same time; when all is quiet again, the comparison."""
        started = time.monotonic()
        blows = plan_round(targets, self.dice, blows=self.plan.blows, load_s=self.plan.load.duration_s)
        async with asyncio.TaskGroup() as tasks:
            fleet = tasks.create_task(
                run_fleet(self.members, self.endpoints, self.directory, self.plan.load, self.dice), name="fleet"
            )
            tasks.create_task(self.crowd.come(self.plan.load), name="people")
            tasks.create_task(_strike(self.killer, blows), name="blows")
        conductor = fleet.result()
        verdict, ready, held = await self._settled()
        people = await self._kept()
        warnings = await self._warned(held)
        return Result(
            number=number,
            workers=workers,
            kills=tuple(blow.target for blow in blows),
            in_spools=conductor.in_spools,
            ready=ready,
            elapsed_s=time.monotonic() - started,
            frames=conductor.board.recorded,
            verdict=verdict,
            warnings=warnings,
            people=people,
        )

    async def _settled(self) -> tuple[Verdict, bool, Held]:
        """The verdict once nothing is amiss and the platform says that it is ready; the last one if never."""
        until = time.monotonic() + SETTLE_WITHIN_S
        sent = await asyncio.to_thread(read_ledger, self.directory / FILE_NAME)
        while True:
            try:
                held = await read_database(self.endpoints.database)
                verdict, ready = judge(sent, held), await self._is_ready()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                held, verdict, ready = None, None, False
            if held and verdict and (time.monotonic() > until or (ready and not verdict.amiss)):
                return verdict, ready, held
            if time.monotonic() > until + SETTLE_WITHIN_S:
                raise TimeoutError("the database is not back a minute after the last frame")
            await asyncio.sleep(TRY_AGAIN_S * 10)

    async def _warned(self, held: Held) -> WarningVerdict:
        """What was warned of, once nothing is amiss with it; the last verdict if never."""
        until = time.monotonic() + SETTLE_WITHIN_S
        newest = newest_values(held)
        while True:
            warned = await read_warnings(self.endpoints.database, self.endpoints.mqtt)
            verdict = judge_warnings(newest, warned)
            if not verdict.amiss or time.monotonic() > until:
                return verdict
            await asyncio.sleep(TRY_AGAIN_S * 10)

    async def _kept(self) -> PeopleVerdict:
        """What people were told, compared with what is kept once everything that nobody needs is swept away."""
        data_dir, deeds = self.directory / DATA_DIR, self.crowd.deeds
        write_deeds(self.directory, deeds)
        swept = await sweep(self.endpoints.database, data_dir)
        return judge_people(deeds, await read_kept(self.endpoints.database, data_dir), swept)

    async def _is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient() as client:
                answer = await client.get(f"{self.endpoints.http}/health/ready", timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == 200


async def _strike(killer: Killer, blows: Sequence[Blow]) -> None:
    """Each blow in its time; what is not back from a former one is waited for, so that every blow hits."""
    started = time.monotonic()
    for blow in blows:
        await asyncio.sleep(max(0.0, blow.after_s - (time.monotonic() - started)))
        until = time.monotonic() + SETTLE_WITHIN_S
        while not _hit(killer, blow.target):
            if time.monotonic() > until:
                raise TimeoutError(f"{blow.target} did not come back within {SETTLE_WITHIN_S:.0f} s")
            await asyncio.sleep(TRY_AGAIN_S)


def _hit(killer: Killer, target: Target) -> bool:
    try:
        killer.strike(target)
    except NothingToKill:
        return False
    return True
