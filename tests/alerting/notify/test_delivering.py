"""What arrives: each revision once, in order, signed, and never an older one after a newer."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook as Verifier

from hydroalert.store.subscriptions import Wanted
from tests.alerting.notify.receivers import Mailbox, Webhook
from tests.alerting.notify.town import Town, until

HOUR = timedelta(hours=1)


async def test_each_revision_arrives_once_and_in_order(town: Town, webhook: Webhook) -> None:
    await town.subscribe("siren", webhook.url)
    alert = town.alert()
    async with town.notifying():
        for step in ("raised", "escalated", "lowered", "cleared"):
            await alert.tell(step)
            await town.settled()
    assert webhook.revisions == [1, 2, 3, 4]
    assert [body["type"] for body in webhook.bodies] == [
        "alert.raised",
        "alert.escalated",
        "alert.lowered",
        "alert.cleared",
    ]
    assert len(set(webhook.ids)) == 4


async def test_two_notifiers_deliver_once(town: Town, webhook: Webhook) -> None:
    for number in range(10):
        await town.subscribe(f"siren-{number}", webhook.url)
    await town.alert().tell("raised")
    async with town.notifying(), town.notifying():
        await town.settled()
    assert len(webhook.ids) == len(set(webhook.ids)) == 10


async def test_a_webhook_is_signed_as_its_receiver_verifies_it(town: Town, webhook: Webhook) -> None:
    address = await town.subscribe("siren", webhook.url)
    await town.alert().tell("raised")
    async with town.notifying():
        await town.settled()
    ((headers, body),) = webhook.arrived
    assert address.secret is not None
    said = Verifier(address.secret).verify(body, headers)
    assert (said["data"]["area"], said["data"]["status"], said["data"]["snapshot"]["revision"]) == ("town", "actual", 1)


async def test_mail_arrives_once_with_what_is_happening_where_and_what_to_do(town: Town, mailbox: Mailbox) -> None:
    await town.subscribe("officer", mailbox.url, Wanted(language="es"))
    await town.alert().tell("raised", "severe")
    async with town.notifying("https://flood.example.org/"):
        await town.settled()
    (mail,) = mailbox.arrived
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Town" in mail["subject"]
    assert "https://flood.example.org/api/v1/areas/town" in body.get_content()


async def test_an_exercise_says_so_wherever_it_is_read(town: Town, webhook: Webhook, mailbox: Mailbox) -> None:
    await town.subscribe("siren", webhook.url, Wanted(drills=True))
    await town.subscribe("officer", mailbox.url, Wanted(drills=True))
    await town.alert(drill=True).tell("raised")
    async with town.notifying():
        await town.settled()
    (body,), (mail,) = webhook.bodies, mailbox.arrived
    assert (body["type"], body["data"]["status"]) == ("exercise.raised", "exercise")
    assert mail["subject"].startswith("EXERCISE")


async def test_a_delayed_raise_never_follows_the_clearing(town: Town, webhook: Webhook) -> None:
    webhook.answers = [503]
    await town.subscribe("siren", webhook.url)
    alert = town.alert()
    async with town.notifying():
        await alert.tell("raised")
        await town.failed_once()
        await alert.tell("cleared")
        assert await town.settled() == [(1, "superseded"), (2, "delivered")]
        await town.pass_time(HOUR)
        await until(lambda: len(webhook.arrived) == 2)
    assert webhook.revisions == [1, 2]


async def test_nothing_newer_is_sent_beside_what_is_under_way(town: Town, webhook: Webhook) -> None:
    webhook.opened.clear()
    await town.subscribe("siren", webhook.url)
    alert = town.alert()
    async with town.notifying():
        await alert.tell("raised")
        await until(lambda: webhook.arrived)
        await alert.tell("escalated", "severe")
        await alert.tell("cleared", "severe")
        assert webhook.revisions == [1]
        webhook.opened.set()
        assert await town.settled() == [(1, "delivered"), (2, "superseded"), (3, "delivered")]
    assert webhook.revisions == [1, 3]


async def test_an_alert_that_came_and_went_before_anyone_was_told_is_no_news(town: Town, webhook: Webhook) -> None:
    await town.subscribe("siren", webhook.url)
    alert = town.alert()
    for step in ("raised", "cleared"):
        await alert.tell(step)
    async with town.notifying():
        assert await town.settled() == [(1, "superseded"), (2, "superseded")]
    assert webhook.arrived == []


async def test_the_newest_message_tells_of_every_alert_that_was_not_heard_of(town: Town, webhook: Webhook) -> None:
    webhook.answers = [500]
    await town.subscribe("siren", webhook.url)
    flood, storm = town.alert(), town.alert("storm")
    async with town.notifying():
        await flood.tell("raised", "severe")
        await town.failed_once()
        await storm.tell("raised", "moderate")
        await town.settled()
    changes = webhook.bodies[-1]["data"]["changes"]
    assert [(one["hazard"], one["severity"]) for one in changes] == [("flood", "severe"), ("storm", "moderate")]


async def test_what_is_resent_keeps_its_id(town: Town, webhook: Webhook) -> None:
    webhook.answers = [500, 302, 429]
    await town.subscribe("siren", webhook.url)
    await town.alert().tell("raised")
    async with town.notifying():
        for attempts in range(1, 5):
            await until(lambda attempts=attempts: len(webhook.ids) == attempts)  # type: ignore[misc]
            await until(_is_waiting_unclaimed(town, attempts))
            await town.pass_time(HOUR)
        await town.settled()
    assert len(webhook.ids) == 4
    assert len(set(webhook.ids)) == 1


def _is_waiting_unclaimed(town: Town, attempts: int):  # type: ignore[no-untyped-def]
    async def holds() -> bool:
        return bool(
            await town.pool.fetchval(
                "SELECT count(*) FROM delivery WHERE attempts = $1 AND (claimed_until < now() OR state <> 'waiting')",
                attempts,
            )
        )

    return holds


@pytest.mark.parametrize("kind", ["webhook", "mail"])
async def test_a_dead_receiver_delays_no_other(town: Town, webhook: Webhook, mailbox: Mailbox, kind: str) -> None:
    dead = {"webhook": "http://127.0.0.1:9/", "mail": "mailto://127.0.0.1:9/?from=a@example.org&to=b@example.org"}
    for number in range(20):
        await town.subscribe(f"dead-{number}", dead[kind])
    await town.subscribe("living", webhook.url if kind == "webhook" else mailbox.url)
    await town.alert().tell("raised")
    async with town.notifying():
        await until(lambda: webhook.arrived or mailbox.arrived)


async def test_410_ends_a_subscription_and_what_waited_can_be_seen(town: Town, webhook: Webhook) -> None:
    webhook.answers = [410]
    await town.subscribe("siren", webhook.url)
    alert = town.alert()
    await alert.tell("raised")
    async with town.notifying():
        assert await town.settled() == [(1, "dead")]
        await alert.tell("escalated", "severe")
    assert await town.states() == [(1, "dead")]
    row = await town.pool.fetchrow("SELECT enabled, disabled_because FROM subscription")
    assert row is not None
    assert (row["enabled"], row["disabled_because"]) == (False, "answered 410: it wants no more messages")


async def test_a_redirect_is_not_followed(town: Town, webhook: Webhook) -> None:
    webhook.answers = [307]
    await town.subscribe("siren", webhook.url)
    await town.alert().tell("raised")
    async with town.notifying():
        await town.failed_once()
    assert len(webhook.arrived) == 1
    assert "redirects are not followed" in await town.pool.fetchval("SELECT failure FROM delivery")


async def test_a_refused_mail_is_kept_with_the_reason_and_without_the_address(town: Town, mailbox: Mailbox) -> None:
    mailbox.refusing = True
    await town.subscribe("officer", mailbox.url.replace("mailto://", "mailto://bob:hunter22@"))
    await town.alert().tell("raised")
    async with town.notifying():
        await town.failed_once()
    failure = await town.pool.fetchval("SELECT failure FROM delivery")
    assert failure
    assert "hunter22" not in failure
