"""The desk: several who act on one report at the same moment; what came of an act that nobody answered, they read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

from chaos.asking import Asker, Json
from chaos.deeds import MARK, Act, Deeds
from chaos.hiring import SHELTERS, Employee

LATEST = 30
"""They work on what came last."""


@dataclass(frozen=True)
class Deed:
    """Something that may be done about a report: where it is posted, and what the story will say of it."""

    path: str
    body: Json
    words: str = ""


class Operator:
    """One of the desk's people."""

    def __init__(self, employee: Employee, asker: Asker, deeds: Deeds, dice: Random) -> None:
        self._employee = employee
        self._asker = asker
        self._deeds = deeds
        self._dice = dice

    async def look(self, report: str) -> Json | None:
        """All that is known of a report; None where that is not told, which is noted."""
        return await self._asker.until_done("GET", f"triage/{report}")

    async def act(self, seen: Json, others: Sequence[str]) -> None:
        """Do something about a report as it was seen, whatever the colleagues do meanwhile; `others` are reports."""
        if not self._dice.randrange(4):
            await self._count()
            return
        report, deed = seen["report"]["id"], self._choose(seen, others)
        answer = await self._asker.once("POST", f"triage/{report}/{deed.path}", json=deed.body)
        if answer is None:
            await self._find_out(seen, deed)
        elif answer.is_success and answer.body["version"] > seen["report"]["version"]:
            self._write(report, answer.body["version"], deed)

    def _choose(self, seen: Json, others: Sequence[str]) -> Deed:
        words, version = f"{MARK}{uuid4()}", seen["report"]["version"]
        kind = self._dice.choice(("decision", "decision", "assignment", "notes"))
        if kind == "notes":
            return Deed(kind, {"text": words}, words)
        if kind == "assignment" or not seen["steps"]:
            taken = seen["report"]["assigned_to"] == self._employee.account
            return Deed("assignment", {"version": version, "to": None if taken else self._employee.account})
        to = self._dice.choice(seen["steps"])["to"]
        joined = {"duplicate_of": self._dice.choice(others)} if to == "duplicate" else {}
        return Deed(kind, {"version": version, "to": to, "reason": words} | joined, words)

    async def _find_out(self, seen: Json, deed: Deed) -> None:
        """The answer was lost: what the story says now is the answer."""
        now = await self.look(seen["report"]["id"]) or seen
        for event in now["story"][seen["report"]["version"] :]:
            said = deed.words in event["text"] if deed.words else event["kind"] == "assigned"
            if event["author"] == self._employee.author and said:
                self._write(seen["report"]["id"], event["number"], deed)

    def _write(self, report: str, version: int, deed: Deed) -> None:
        self._deeds.acts.append(Act(report, version, self._employee.author, deed.words))

    async def _count(self) -> None:
        """Say how many are in a shelter; the same count of the same moment may be sent twice."""
        shelter, at, people = self._dice.choice(SHELTERS), datetime.now(UTC), self._dice.randrange(300)
        body = {"occupancy": people, "at": at.isoformat()}
        if await self._asker.until_done("POST", f"shelters/{shelter}/occupancy", json=body):
            self._deeds.counts[f"{shelter}/{at.isoformat()}"] = people


class Desk:
    """All of them at one table."""

    at_least = 8

    def __init__(self, operators: Sequence[Operator], deeds: Deeds, dice: Random) -> None:
        self._operators = operators
        self._deeds = deeds
        self._dice = dice

    async def visit(self) -> bool:
        """Everybody acts at once on one report, each on what they saw before; not where there is none yet."""
        latest = list(self._deeds.reports.values())[-LATEST:]
        seen = await self._operators[0].look(self._dice.choice(latest)) if latest else None
        if seen is None:
            return False
        await asyncio.gather(*(one.act(seen, latest) for one in self._operators))
        return True
