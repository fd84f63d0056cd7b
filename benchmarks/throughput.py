"""How fast frames are committed, what each costs, and how late: the bridge beside a bare subscriber."""

import sys

from benchmarks.figures import COST_HEAD, Section, Table, cost_row, medians, percentile_ms, spread, verdict
from benchmarks.scale import DEVICES, Scale
from benchmarks.stage import Stage
from benchmarks.trial import BridgeSetup, Load, Stalled, Trial, run_trial

NAME = "throughput"
ABOUT = f"""\
{DEVICES} devices with a connection and an account of their own publish frames of two records (about 115 bytes of SenML
JSON, 28 of header and tag) at QoS 1 as fast as the subscriber finishes them: at most 24,000 frames are under way, so
that the broker's queue neither runs dry nor overflows. Everything shares the machine: devices, broker, subscriber,
database; `fsync`, `synchronous_commit` and checksums are on, settings as in production. Frames are signed before the
trial begins. Baseline and bridge take turns, each on a fresh broker; figures are medians (least–most) over the rounds.
*Baseline*: a gmqtt client (uvloop, MQTT 5, the same shared subscription and receive maximum) whose `on_message` counts
and returns 0, upon which it acknowledges; where it stalls, the trial is repeated. *Bridge*: checks tags, decides every
record, commits, and only then acknowledges; a frame counts when its transaction has committed."""
_LATENCY_ABOUT = "publish → commit at half the committed rate"
_SAMPLE_EVERY = 20
_BASELINE_TRIES = 6
_LATENCY_ROW = f"""\
to the arrival of the receipt at the device (an upper bound: signing and delivering it is in it); one frame in \
{_SAMPLE_EVERY} wants one"""


async def run(stage: Stage, scale: Scale) -> Section:
    """Take turns, then measure latency at half the rate found."""
    baseline, quiet, receipted = [], [], []
    for _ in range(scale.rounds):
        baseline.append(await _baseline_trial(stage, scale))
        quiet.append(await run_trial(stage, Load(DEVICES, scale.frames_each), bridge=BridgeSetup()))
        with_receipts = Load(DEVICES, scale.frames_each, receipt_every=1)
        receipted.append(await run_trial(stage, with_receipts, bridge=BridgeSetup()))
    section = Section("Frames committed a second, and what each costs", ABOUT)
    section.tables.append(_costs(baseline, quiet, receipted))
    section.verdicts += _verdicts(baseline, quiet)
    rate = medians(quiet, lambda one: one.frames_per_s) / 2
    load = Load(DEVICES, scale.frames_each, rate=rate, receipt_every=_SAMPLE_EVERY)
    latent = [await run_trial(stage, load, bridge=BridgeSetup()) for _ in range(max(1, scale.rounds - 2))]
    section.tables.append(_latencies(latent))
    return section


async def _baseline_trial(stage: Stage, scale: Scale) -> Trial:
    """gmqtt stops hearing of queued frames in some trials: such a one is no measure of its speed and is repeated."""
    for _ in range(_BASELINE_TRIES):
        try:
            return await run_trial(stage, Load(DEVICES, scale.frames_each))
        except Stalled as error:
            print(f"the baseline stalled, once more: {error}", file=sys.stderr)
    raise RuntimeError(f"the baseline stalled {_BASELINE_TRIES} times")


def _costs(baseline: list[Trial], quiet: list[Trial], receipted: list[Trial]) -> Table:
    rows = {
        "baseline": baseline,
        "bridge, no receipts": quiet,
        "bridge, a receipt wanted by every frame": receipted,
    }
    return Table(COST_HEAD, [cost_row(name, trials) for name, trials in rows.items()])


def _verdicts(baseline: list[Trial], quiet: list[Trial]) -> list[str]:
    rate = medians(quiet, lambda one: one.frames_per_s) / medians(baseline, lambda one: one.frames_per_s)
    cost = medians(quiet, lambda one: one.subscriber_us) / medians(baseline, lambda one: one.subscriber_us)
    return [
        verdict("Committed rate, bridge to baseline", rate, 0.8, at_least=True),
        verdict("CPU a frame, bridge to baseline", cost, 1.5, at_least=False),
    ]


def _latencies(trials: list[Trial]) -> Table:
    head = [_LATENCY_ABOUT, "frames/s", "p50, ms", "p99, ms", "frames looked at"]
    row = [
        _LATENCY_ROW,
        spread([one.frames_per_s for one in trials]),
        spread([percentile_ms(one.latencies_s, 0.5) for one in trials], 1),
        spread([percentile_ms(one.latencies_s, 0.99) for one in trials], 1),
        f"{sum(len(one.latencies_s) for one in trials):,}",
    ]
    return Table(head, [row])
