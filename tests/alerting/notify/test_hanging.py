"""Laws of attempts that nobody can stop: whoever hangs harms only itself."""

import asyncio
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hydroalert.alerting.notify import threads
from hydroalert.alerting.notify.apprise_sender import AppriseSender
from hydroalert.alerting.notify.messages import trial
from hydroalert.alerting.notify.outcomes import Delivered, Failed, Outcome
from hydroalert.alerting.notify.threads import Threads
from hydroalert.domain.addresses import Address
from hydroalert.wire.addresses import parse_address
from tests.alerting.notify.receivers import Mailbox, Trickle
from tests.alerting.notify.town import until

ROOT = Path(__file__).parents[3]
MESSAGE = trial("officer", datetime(2026, 11, 22, tzinfo=UTC))
OUT_OF_TIME = Failed("did not finish in time")
SHORT_S = 0.1
"""For what never ends, however long it is waited for."""


def address(url: str) -> Address:
    """As it is kept."""
    return parse_address(url, bytes(32))


def is_refused(outcome: Outcome) -> bool:
    """Whether nothing was begun because something hangs."""
    return isinstance(outcome, Failed) and "hang" in outcome.words


async def test_a_mail_server_that_trickles_keeps_its_own_mail_waiting_and_no_other(
    trickle: Trickle, mailbox: Mailbox
) -> None:
    sender = AppriseSender(at_once=1, timeout_s=2)
    hanging = address(trickle.url)
    assert await sender.send(hanging, MESSAGE) == OUT_OF_TIME
    assert is_refused(await sender.send(hanging, MESSAGE))
    assert await sender.send(address(mailbox.url), MESSAGE) == Delivered()
    trickle.let_go.set()

    async def is_tried_again() -> bool:
        return not is_refused(await sender.send(hanging, MESSAGE))

    await until(is_tried_again)


async def test_a_process_ends_though_an_attempt_still_hangs(trickle: Trickle) -> None:
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.alerting.notify.trickled", trickle.url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(30):
            said, _ = await sender.communicate()
    finally:
        if sender.returncode is None:
            sender.kill()
            await sender.wait()
    assert OUT_OF_TIME.words in said.decode()
    assert sender.returncode == 0


async def test_two_attempts_for_one_receiver_are_never_under_way_together_and_at_most_one_is_lost() -> None:
    under_way, let_go = [0], threading.Event()

    def hang() -> Outcome:
        under_way[0] += 1
        let_go.wait()
        return Delivered()

    pool = Threads(at_once=8, timeout_s=SHORT_S)
    outcomes = await asyncio.gather(*(pool.call("siren", hang) for _ in range(4)))
    outcomes += [await pool.call("siren", hang)]
    assert under_way == [1]
    assert OUT_OF_TIME in outcomes
    assert is_refused(outcomes[-1])
    let_go.set()


async def test_threads_that_are_lost_are_bounded_and_their_end_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "MOST_LOST", 3)
    let_go = threading.Event()

    def hang() -> Outcome:
        let_go.wait()
        return Delivered()

    pool = Threads(at_once=1, timeout_s=SHORT_S)
    assert [await pool.call(f"hanging-{number}", hang) for number in range(3)] == [OUT_OF_TIME] * 3
    assert is_refused(await pool.call("living", Delivered))
    let_go.set()

    async def has_room() -> bool:
        return await pool.call("living", Delivered) == Delivered()

    await until(has_room)


async def test_what_goes_wrong_in_a_thread_is_raised_where_it_is_waited_for() -> None:
    def fail() -> Outcome:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Threads(at_once=1, timeout_s=30).call("siren", fail)
