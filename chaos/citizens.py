"""Citizens: they report what they saw, send pictures of it, and send both again until somebody answers."""

import hashlib
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

from chaos.asking import Asker, Json, slowly
from chaos.deeds import MARK, Deeds, picture_of
from chaos.pictures import hostile, photograph
from hydroalert.domain.reports import Category

EVIDENCE = "reports/tracked/evidence"
HOSTILE_ONE_IN = 5


class Citizen:
    """One of them. `going_around`: a picture that others send as well."""

    at_least = 2

    def __init__(
        self, asker: Asker, deeds: Deeds, places: list[tuple[float, float]], going_around: bytes, dice: Random
    ) -> None:
        self._asker = asker
        self._deeds = deeds
        self._places = places
        self._going_around = going_around
        self._dice = dice

    async def visit(self) -> bool:
        """One report, then its pictures: a new one, twice one that goes around, and now and then one that is none."""
        claim = self._claim()
        once = {"Idempotency-Key": str(uuid4())}
        sent = await self._asker.until_done("POST", "reports", json=claim, headers=once)
        if sent is None:
            return False
        report, code = sent["id"], sent["tracking_code"]
        self._deeds.reports[claim["text"]] = report
        for picture in (photograph(self._dice), self._going_around, self._going_around):
            await self._send(report, code, picture)
        if not self._dice.randrange(HOSTILE_ONE_IN):
            await self._send(report, code, hostile(self._dice))
        return True

    def _claim(self) -> Json:
        lon, lat = self._dice.choice(self._places)
        return {
            "lon": lon + self._dice.uniform(-0.001, 0.001),
            "lat": lat + self._dice.uniform(-0.001, 0.001),
            "seen_at": datetime.now(UTC).isoformat(),
            "category": self._dice.choice(list(Category)),
            "depth_cm": self._dice.randrange(200),
            "text": f"{MARK}{uuid4()}",
            "language": "en",
            "contact": "+94771234567",
        }

    async def _send(self, report: str, code: str, picture: bytes) -> None:
        """Until it is answered: taken, refused for what it is, or too late because the report was decided."""
        proof = {"X-Tracking-Code": code}
        answer = await self._asker.until_answered("POST", EVIDENCE, content=slowly(picture), headers=proof)
        if answer.is_success:
            self._deeds.pictures[picture_of(report, hashlib.sha256(picture).hexdigest())] = answer.body["id"]
