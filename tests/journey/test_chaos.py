"""Any process may die at any time: nothing is lost, doubled, changed, miscounted, or left unsaid (G1, G2, G3, G6)."""

import json
import subprocess
import sys
from random import Random

from chaos.blows import Target, deal, plan_round

ROUNDS = 3


def test_rounds_of_kill_9_lose_nothing_and_double_nothing() -> None:
    command = [sys.executable, "-m", "chaos", "--rounds", str(ROUNDS), "--seed", "5", "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    last, warned, people = said["last"], said["each"][-1]["warnings"], said["each"][-1]["people"]
    assert (said["passed"], said["kills"].keys()) == (ROUNDS, set(Target))
    assert last["sent"] == last["stored"] > 0
    assert [last[name] for name in ("lost", "doubled", "wrong", "unsent", "refused", "undigested")] == [0] * 6
    assert warned["revisions"] > ROUNDS
    assert {name for name, count in warned.items() if count} == {"revisions"}
    assert {name for name, count in people.items() if count} - {"swept"} == {"reports", "pictures", "decisions"}


def test_every_target_has_its_turn_before_any_has_another() -> None:
    targets = deal(Random(1))
    for _ in range(10):
        assert {next(targets) for _ in Target} == set(Target)


def test_all_blows_of_a_round_fall_while_there_is_load() -> None:
    dice = Random(2)
    blows = plan_round(deal(dice), dice, blows=7, load_s=3.0)
    assert [blow.after_s for blow in blows] == sorted(blow.after_s for blow in blows)
    assert all(0 < blow.after_s < 3.0 for blow in blows)
