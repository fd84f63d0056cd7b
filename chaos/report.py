"""How the rounds went, for a person and for scripts."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from chaos.reports import PeopleVerdict
from chaos.rounds import Result


@dataclass(frozen=True)
class Summary:
    """All rounds together."""

    seed: int
    elapsed_s: float
    results: Sequence[Result]

    @property
    def passed(self) -> int:
        """In how many rounds the platform kept its word."""
        return sum(result.passed for result in self.results)

    @property
    def kills(self) -> Counter[str]:
        """Kills by target."""
        return Counter(target for result in self.results for target in result.kills)

    @property
    def frames(self) -> int:
        """Frames that the devices spooled."""
        return sum(result.frames for result in self.results)

    def as_json(self) -> str:
        """One object; `last` is the comparison after the last round, over everything ever sent."""
        each = [asdict(result) | {"passed": result.passed} for result in self.results]
        summary = {
            "rounds": len(self.results),
            "passed": self.passed,
            "seed": self.seed,
            "elapsed_s": round(self.elapsed_s, 1),
            "kills": dict(self.kills),
            "frames": self.frames,
            "last": each[-1]["verdict"] if each else None,
            "each": each,
        }
        return json.dumps(summary)

    def in_words(self) -> str:
        """A few lines."""
        kills = ", ".join(f"{target} {count}" for target, count in sorted(self.kills.items()))
        said = (
            f"{self.passed} of {len(self.results)} rounds passed in {self.elapsed_s:.0f} s (seed {self.seed})\n"
            f"{self.kills.total()} kills: {kills}\n"
        )
        if not self.results:
            return said
        last, warned, people = self.results[-1].verdict, self.results[-1].warnings, self.results[-1].people
        return (
            f"{said}{self.frames:,} frames; sent {last.sent:,} observations, stored {last.stored:,}, lost {last.lost}, "
            f"doubled {last.doubled}, wrong {last.wrong}, refused {last.refused}; "
            f"{last.duplicates:,} came more than once and count once\n"
            f"{warned.revisions:,} revisions, missing {warned.missing}, doubled {warned.doubled}, "
            f"untold {warned.untold}, levels wrong {warned.wrong_level}, retained wrong {warned.wrong_shown}, "
            f"left in outboxes {warned.waiting}\n"
            f"{in_words(people)}"
        )


def line(result: Result, rounds: int) -> str:
    """One round in one line."""
    verdict = result.verdict
    return (
        f"round {result.number:3}/{rounds}  {result.workers} worker{'s' * (result.workers > 1):1}  "
        f"kill -9 {', '.join(result.kills):32}  sent {verdict.sent:,} stored {verdict.stored:,} lost {verdict.lost} "
        f"doubled {verdict.doubled} wrong {verdict.wrong} refused {verdict.refused} in spools {result.in_spools}  "
        f"revisions {result.warnings.revisions:,}  {in_words(result.people)}  "
        f"{result.elapsed_s:5.1f} s  {'ok' if result.passed else _failed(result)}"
    )


def _failed(result: Result) -> str:
    return f"FAILED: {result.verdict} {result.warnings} {result.people}"


def in_words(people: PeopleVerdict) -> str:
    """What became of reports, their pictures, and what was decided about them."""
    return (
        f"reports {people.reports:,}, lost {people.lost_reports}, doubled {people.doubled_reports}, "
        f"half {people.half}; "
        f"pictures {people.pictures:,}, lost {people.lost_pictures}, doubled {people.doubled_pictures}, "
        f"orphans {people.orphans}, missing {people.missing} ({people.swept} files swept); "
        f"decisions {people.decisions:,}, lost {people.lost_decisions}, doubled {people.doubled_decisions}, "
        f"audit gaps {people.audit_gaps}"
    )
