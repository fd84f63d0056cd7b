"""What fails: senders that are killed, receivers that hang, letters that die, repeats that are held back."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from hydroalert.alerting.notify.policy import MAX_ATTEMPTS
from hydroalert.domain.errors import Conflicting, NotFound
from hydroalert.store.deliveries import Backlog, backlog, list_deliveries, resend, resend_dead
from hydroalert.store.subscriptions import Wanted, disable_subscription, enable_subscription
from tests.alerting.notify.receivers import Webhook, running_webhook
from tests.alerting.notify.town import Town, until

HOUR = timedelta(hours=1)
ROOT = Path(__file__).parents[3]


async def kill_between_sending_and_committing(town: Town, database_url: str, webhook: Webhook) -> None:
    """A sender whose receiver took the message, and which is killed before it can write that down."""
    webhook.opened.clear()
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.alerting.notify.sender", database_url, cwd=ROOT
    )
    await until(lambda: webhook.arrived)
    async with town.pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM delivery FOR UPDATE")
        webhook.opened.set()
        await until(lambda: webhook.answered == 1)
        await until(lambda: _is_blocked(town))
        sender.kill()
        await sender.wait()


async def _is_blocked(town: Town) -> bool:
    return bool(await town.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))


async def test_a_sender_killed_between_sending_and_committing_is_repeated_under_the_same_id(
    town: Town, database_url: str, webhook: Webhook
) -> None:
    await town.subscribe("siren", webhook.url)
    await town.alert().tell("raised")
    await kill_between_sending_and_committing(town, database_url, webhook)
    assert await town.states() == [(1, "waiting")]
    await town.pass_time(timedelta(seconds=30))
    async with town.notifying():
        assert await town.settled() == [(1, "delivered")]
    assert len(webhook.ids) == 2
    assert len(set(webhook.ids)) == 1


async def test_what_a_killed_sender_had_claimed_is_nobodys_until_its_time_is_over(
    town: Town, database_url: str, webhook: Webhook
) -> None:
    await town.subscribe("siren", webhook.url)
    alert = town.alert()
    await alert.tell("raised")
    await kill_between_sending_and_committing(town, database_url, webhook)
    await alert.tell("cleared")
    async with town.notifying(), running_webhook() as other:
        await town.subscribe("other", other.url)
        await town.alert("storm").tell("raised")
        await until(lambda: _is_delivered(town))
        assert webhook.revisions == [1]
        await town.pass_time(timedelta(seconds=30))
        await town.settled()
    assert webhook.revisions == [1, 3]


async def _is_delivered(town: Town) -> bool:
    return "delivered" in {state for _, state in await town.states()}


async def test_a_receiver_that_hangs_delays_no_other_and_takes_no_more_than_its_share(
    town: Town, webhook: Webhook
) -> None:
    async with running_webhook() as hung:
        hung.opened.clear()
        for number in range(5):
            await town.subscribe(f"hung-{number}", hung.url)
        await town.subscribe("living", webhook.url)
        await town.alert().tell("raised")
        async with town.notifying():
            await until(lambda: webhook.arrived)
            await until(lambda: len(hung.arrived) == 5)


async def test_a_letter_dies_after_enough_attempts_is_seen_and_can_be_resent(town: Town, webhook: Webhook) -> None:
    webhook.answers = [500]
    await town.subscribe("siren", webhook.url)
    await town.alert().tell("raised")
    await town.pool.execute("UPDATE delivery SET attempts = $1", MAX_ATTEMPTS - 1)
    async with town.notifying():
        assert await town.settled() == [(1, "dead")]
        (dead,) = await list_deliveries(town.pool, state="dead")
        assert (dead.subscription, dead.area, dead.failure) == ("siren", "town", "answered 500")
        assert await backlog(town.pool) == Backlog(waiting=0, dead=1, oldest_s=None)
        assert await resend_dead(town.connection) == 1
        assert await town.settled() == [(1, "delivered")]
    assert len(set(webhook.ids)) == 1
    assert (await backlog(town.pool)).dead == 0


async def test_what_a_newer_message_told_is_dead_no_more(town: Town, webhook: Webhook) -> None:
    await town.subscribe("siren", webhook.url)
    flood, storm = town.alert(), town.alert("storm")
    await flood.tell("raised")
    await town.pool.execute("UPDATE delivery SET state = 'dead', attempts = 24")
    await storm.tell("raised")
    async with town.notifying():
        assert await town.settled() == [(1, "superseded"), (2, "delivered")]
    assert [one["hazard"] for one in webhook.bodies[0]["data"]["changes"]] == ["flood", "storm"]


async def test_nobody_resends_what_a_newer_one_has_told_nor_what_is_on_its_way_nor_to_the_disabled(
    town: Town, webhook: Webhook
) -> None:
    await town.subscribe("siren", webhook.url)
    alert = town.alert()
    await alert.tell("raised")
    (first,) = await list_deliveries(town.pool)
    with pytest.raises(Conflicting, match="on its way"):
        await resend(town.connection, first.id)
    await town.pool.execute("UPDATE delivery SET state = 'dead'")
    await disable_subscription(town.connection, "siren", "by hand")
    with pytest.raises(Conflicting, match="subscription enable"):
        await resend(town.connection, first.id)
    await enable_subscription(town.connection, "siren")
    await alert.tell("cleared")
    with pytest.raises(Conflicting, match="outdated"):
        await resend(town.connection, first.id)
    with pytest.raises(NotFound, match="delivery list"):
        await resend(town.connection, first.id + 1000)


async def test_a_rate_limit_holds_repeats_back_and_no_escalation(town: Town, webhook: Webhook) -> None:
    await town.subscribe("officer", webhook.url, Wanted(repeats_per_hour=1))
    alert = town.alert()
    async with town.notifying():
        for step in ("raised", "continued"):
            await alert.tell(step)
            await town.settled()
        await alert.tell("continued")
        await until(lambda: _is_held(town))
        assert webhook.revisions == [1, 2]
        await alert.tell("escalated", "severe")
        await town.settled()
        assert webhook.revisions == [1, 2, 4]
        await alert.tell("continued", "severe")
        await until(lambda: _is_held(town))
        await town.pass_time(HOUR)
        await town.settled()
    assert webhook.revisions == [1, 2, 4, 5]


async def _is_held(town: Town) -> bool:
    return bool(await town.pool.fetchval("SELECT count(*) FROM delivery WHERE state = 'waiting' AND due_at > now()"))


async def test_what_a_rate_limit_holds_back_is_not_late_and_what_failed_is(town: Town, webhook: Webhook) -> None:
    webhook.answers = [500]
    await town.subscribe("siren", webhook.url)
    await town.alert().tell("raised")
    async with town.notifying():
        await town.failed_once()
    found = await backlog(town.pool)
    assert (found.waiting, found.dead) == (1, 0)
    assert found.oldest_s is not None
    await town.pool.execute("UPDATE delivery SET failure = NULL, due_at = now() + interval '1 hour'")
    assert (await backlog(town.pool)).oldest_s is None


async def test_a_secret_of_another_master_key_fails_one_delivery_and_stops_nobody(town: Town, webhook: Webhook) -> None:
    for name in ("damaged", "whole"):
        await town.subscribe(name, webhook.url)
    await town.pool.execute("UPDATE subscription SET sealed = sealed || '\\x00' WHERE name = 'damaged'")
    await town.alert().tell("raised")
    async with town.notifying():
        await until(lambda: webhook.arrived)
        await town.failed_once()
    assert "another master key" in await town.pool.fetchval("SELECT failure FROM delivery WHERE failure IS NOT NULL")
