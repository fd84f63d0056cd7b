"""Operators hear when the platform itself is amiss, once, and when it is mended."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hydroalert.alerting.notify.notices import Notices, amiss_of
from hydroalert.alerting.notify.webhooks import Webhooks
from hydroalert.domain.watch import Facts
from hydroalert.store.subscriptions import Wanted
from tests.alerting.notify.receivers import Webhook
from tests.alerting.notify.town import Town

WELL = Facts(
    processes=1,
    due=0,
    due_oldest_s=0,
    overdue_s=0,
    failed=0,
    outbox=0,
    outbox_oldest_s=0,
    deliveries=0,
    deliveries_oldest_s=0,
    dead=0,
    echo_age_s=1.0,
    echo_delay_s=0.2,
    blind=0,
    standing={},
)
OFFICER = Wanted(audience="operators")


@pytest.fixture
async def amiss(town: Town, webhook: Webhook) -> AsyncIterator[Notices]:
    """Operators, a citizen, and a notification that was given up."""
    await town.subscribe("officer", webhook.url, OFFICER)
    await town.subscribe("citizen", webhook.url)
    await town.pool.execute("UPDATE canary SET echoed_at = now()")
    await town.pool.execute("INSERT INTO alerter VALUES (gen_random_uuid(), now() + interval '1 hour')")
    await town.pool.execute("UPDATE area_state SET judge_at = 'infinity'")
    await town.alert().tell("raised")
    await town.pool.execute("UPDATE delivery SET state = 'dead'")
    webhooks = Webhooks()
    yield Notices(town.pool, town.sealer, {"webhook": webhooks.send})
    await webhooks.close()


async def pass_time(town: Town) -> None:
    await town.pool.execute("UPDATE subscription SET notice_due_at = notice_due_at - $1::interval", timedelta(hours=1))


async def test_operators_hear_once_of_what_is_amiss_and_that_it_is_mended(
    town: Town, webhook: Webhook, amiss: Notices
) -> None:
    for _ in range(2):
        await amiss.look()
        await pass_time(town)
    (body,) = webhook.bodies
    assert (body["type"], set(body["data"]["amiss"])) == ("platform.amiss", {"dead"})
    await town.pool.execute("UPDATE delivery SET state = 'delivered'")
    await amiss.look()
    assert [body["type"] for body in webhook.bodies] == ["platform.amiss", "platform.well"]


async def test_a_notice_that_did_not_arrive_is_repeated_under_its_id_after_a_pause(
    town: Town, webhook: Webhook, amiss: Notices
) -> None:
    webhook.answers = [500]
    await amiss.look()
    await amiss.look()
    assert len(webhook.ids) == 1
    await pass_time(town)
    await amiss.look()
    assert len(webhook.ids) == 2
    assert len(set(webhook.ids)) == 1


async def test_what_comes_and_goes_is_told_once_in_a_while(town: Town, webhook: Webhook, amiss: Notices) -> None:
    for state in ("dead", "delivered", "dead", "delivered"):
        await town.pool.execute("UPDATE delivery SET state = $1", state)
        await amiss.look()
    assert len(webhook.arrived) == 1


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({}, set()),
        ({"echo_age_s": 31.0}, {"canary"}),
        ({"echo_age_s": None}, set()),
        ({"dead": 1}, {"dead"}),
        ({"outbox_oldest_s": 31.0, "overdue_s": 121.0}, {"judging"}),
        ({"deliveries_oldest_s": 901.0}, {"deliveries"}),
    ],
)
def test_each_thing_that_is_amiss_has_its_kind(change: dict[str, float | None], kinds: set[str]) -> None:
    fields = {name: getattr(WELL, name) for name in WELL.__struct_fields__}
    assert set(amiss_of(Facts(**{**fields, **change}))) == kinds
