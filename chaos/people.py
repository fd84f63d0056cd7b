"""Those who come while the blows fall: citizens who report with pictures, and a desk that decides about them."""

import asyncio
from contextlib import AsyncExitStack
from random import Random
from typing import Protocol

from chaos.asking import Asker
from chaos.citizens import Citizen
from chaos.deeds import Deeds
from chaos.desk import Desk, Operator
from chaos.fleet import Load
from chaos.hiring import Employee, Town
from chaos.pictures import photograph
from chaos.platform import Endpoints

CITIZENS = 6
BETWEEN_S = 0.05


class Visitor(Protocol):
    """Who comes over and over: as often as there is time for, and `at_least` so often on however slow a machine."""

    at_least: int

    async def visit(self) -> bool:
        """Come once; whatever is asked is asked until it is answered. Whether there was anything to do."""


class Crowd:
    """All people of a drill."""

    def __init__(self, town: Town, endpoints: Endpoints, deeds: Deeds, dice: Random) -> None:
        self.deeds = deeds
        self._town = town
        self._http = endpoints.http
        self._dice = dice

    async def come(self, load: Load) -> None:
        """For `load.duration_s`; what is not answered then is asked again for `load.drain_s` at most."""
        ends_at = asyncio.get_running_loop().time() + load.duration_s
        async with AsyncExitStack() as leaving, asyncio.TaskGroup() as tasks:
            visitors: list[Visitor] = [*self._citizens(leaving), self._desk(leaving)]
            for visitor in visitors:
                tasks.create_task(self._keep_coming(visitor, ends_at, ends_at + load.drain_s))

    def _citizens(self, leaving: AsyncExitStack) -> list[Citizen]:
        going_around = photograph(self._dice)
        return [
            Citizen(self._asker(leaving), self.deeds, self._town.places, going_around, self._dice)
            for _ in range(CITIZENS)
        ]

    def _desk(self, leaving: AsyncExitStack) -> Desk:
        operators = [Operator(one, self._asker(leaving, one), self.deeds, self._dice) for one in self._town.staff]
        return Desk(operators, self.deeds, self._dice)

    def _asker(self, leaving: AsyncExitStack, employee: Employee | None = None) -> Asker:
        headers = {"Authorization": f"Bearer {employee.key}"} if employee else {}
        asker = Asker(self._http, self.deeds, headers)
        leaving.push_async_callback(asker.close)
        return asker

    async def _keep_coming(self, visitor: Visitor, ends_at: float, give_up_at: float) -> None:
        try:
            async with asyncio.timeout_at(give_up_at):
                visits = 0
                while visits < visitor.at_least or asyncio.get_running_loop().time() < ends_at:
                    visits += await visitor.visit()
                    await asyncio.sleep(BETWEEN_S)
        except TimeoutError:
            self.deeds.unanswered += 1
