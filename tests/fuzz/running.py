"""Many mutated frames through the server and the oracle, until they disagree."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fuzz.comparing import of_oracle, of_server
from tests.fuzz.mutation import Mutator


@dataclass
class Result:
    """What came of a run: how many verdicts of each kind."""

    frames: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        """One line for people."""
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.kinds.most_common())
        return f"{self.frames:,} frames, no disagreement: {kinds}"


def run(frames: int, seed: int, progress: Callable[[int], None] | None = None) -> Result:
    """Judge that many. Raises AssertionError with the seed and the bytes at the first disagreement."""
    mutator, result = Mutator(seed), Result()
    for number in range(frames):
        device, channel, frame = mutator.next()
        expected, found = of_oracle(device, channel, frame), of_server(device, channel, frame)
        assert found == expected, (
            f"seed {seed}, frame {number}, {device}/{channel}, {frame.hex()}: not {found}, but {expected}"
        )
        result.frames += 1
        result.kinds[expected.reason or (expected.refused[0] if expected.refused else "admitted")] += 1
        if progress and result.frames % 100_000 == 0:
            progress(result.frames)
    return result
