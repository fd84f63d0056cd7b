"""`python -m tests.fuzz --frames 1000000`: fuzz wire and admission against the oracle for as long as you like."""

import argparse
import secrets
import sys

from tests.fuzz.running import run


def main() -> int:
    """Run, say what came of it, and how to run the same again."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="default: a random one")
    args = parser.parse_args()
    seed = secrets.randbelow(2**32) if args.seed is None else args.seed
    print(f"seed {seed}", file=sys.stderr)
    result = run(args.frames, seed, lambda done: print(f"{done:,} frames", file=sys.stderr))
    print(f"seed {seed}: {result.line()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
