"""Subscriptions and deliveries as a person handles them on the command line."""

import asyncio
import io
from collections.abc import Coroutine
from typing import Any

import asyncpg
import pytest

from tests.cli.conftest import Run
from tests.store.planting_alerts import PlantedAlert, plant_area

TOKEN = "s3cr3tT0ken9"
SIREN = ("subscription", "add", "siren", "--to", f"https://siren.example.org/{TOKEN}")


def plant(database_url: str, *steps: str) -> None:
    """An area `valley` with an alert that took these steps."""

    async def work() -> None:
        connection = await asyncpg.connect(database_url)
        alert = PlantedAlert(connection, await plant_area(connection))
        for step in steps:
            await alert.tell(step)
        await connection.close()

    _run(work())


def execute(database_url: str, sql: str) -> None:
    async def work() -> None:
        connection = await asyncpg.connect(database_url)
        await connection.execute(sql)
        await connection.close()

    _run(work())


def _run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_secret_is_shown_once_and_the_address_never(run: Run) -> None:
    added = run(*SIREN)
    assert (added.code, added.out.count("whsec_")) == (0, 1)
    everything = [run("subscription", "list"), run("subscription", "list", "--json")]
    assert [one.code for one in everything] == [0, 0]
    shown = "".join(one.out + one.err for one in (*everything, added))
    assert TOKEN not in shown
    assert "whsec_" not in "".join(one.out for one in everything)
    (one,) = everything[1].json
    assert (one["name"], one["shown"], one["least_severity"]) == ("siren", "https://siren.example.org/…", "moderate")


def test_neither_address_nor_secret_lies_open_in_the_database(run: Run, database_url: str) -> None:
    secret = run(*SIREN, "--json").json["secret"]

    async def rows() -> str:
        connection = await asyncpg.connect(database_url)
        found = await connection.fetch("SELECT * FROM subscription")
        await connection.close()
        return repr([tuple(row) for row in found])

    kept = asyncio.run(rows())
    assert TOKEN not in kept
    assert secret.removeprefix("whsec_") not in kept


def test_an_address_may_come_from_standard_input_and_names_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"https://siren.example.org:8443/{TOKEN}\n"))
    assert run("subscription", "add", "--to", "-", "--json").json["name"] == "siren.example.org-8443"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--to", "garbage"), "write https://"),
        (("--to", "https://example.org", "--area", "atlantis"), "area list"),
        (("--to", "https://example.org", "--lang", "English!"), "such as en"),
        (("--to", "https://example.org", "--per-hour", "99999"), "1 to 3600"),
        (("--to", "syslog://", "bad/name"), "a name is"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(run: Run, given: tuple[str, ...], words: str) -> None:
    said = run("subscription", "add", *given)
    assert said.code == 1
    assert words in said.err


def test_two_subscriptions_do_not_share_a_name(run: Run) -> None:
    assert [run(*SIREN).code, run(*SIREN).code] == [0, 1]


@pytest.mark.parametrize("verb", ["test", "enable", "disable", "remove"])
def test_what_nobody_subscribed_is_not_found(run: Run, verb: str) -> None:
    said = run("subscription", verb, "nobody")
    assert (said.code, "subscription list" in said.err) == (1, True)


def test_removing_asks_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*SIREN)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "--yes" in run("subscription", "remove", "siren").err
    assert run("subscription", "remove", "siren", "--yes").code == 0
    assert run("subscription", "list", "--json").json == []


def test_a_test_message_that_does_not_arrive_says_why(run: Run, unused_tcp_port: int) -> None:
    run("subscription", "add", "nobody", "--to", f"http://127.0.0.1:{unused_tcp_port}/{TOKEN}")
    said = run("subscription", "test", "nobody")
    assert said.code == 3
    assert "cannot be reached" in said.err
    assert TOKEN not in said.err


def test_what_waits_is_dead_once_its_receiver_is_disabled_and_waits_again_when_it_is_resent(
    run: Run, database_url: str
) -> None:
    run(*SIREN)
    plant(database_url, "raised")
    assert "1 that waited" in run("subscription", "disable", "siren").out
    (dead,) = run("delivery", "list", "--dead", "--json").json
    assert (dead["area"], dead["revision"], dead["failure"]) == ("valley", 1, "the subscription was disabled")
    assert "subscription enable" in run("delivery", "resend", str(dead["id"])).err
    assert run("subscription", "enable", "siren").code == 0
    assert run("delivery", "resend", str(dead["id"])).code == 0
    assert "waiting" in run("delivery", "show", str(dead["id"])).out


def test_all_that_is_dead_is_resent_at_once(run: Run, database_url: str) -> None:
    run(*SIREN)
    plant(database_url, "raised", "escalated")
    execute(database_url, "UPDATE delivery SET state = 'dead'")
    assert run("delivery", "resend", "--dead").out == "1 will be sent again.\n"
    assert [one["state"] for one in run("delivery", "list", "--json").json] == ["waiting", "dead"]
    assert run("delivery", "resend").code == 1
