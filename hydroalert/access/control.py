"""A client of Mosquitto's dynamic-security plugin, over its control topic.

Commands go out in batches of JSON and are answered in one message a batch; each carries a number that comes
back with its answer, so that an answer to somebody else's batch is never taken for ours.
(Mosquitto, "Dynamic Security Plugin": topic `$CONTROL/dynamic-security/v1`, answers below `/response`.)
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
import msgspec

from hydroalert.access.roles import ADMIN_USER
from hydroalert.domain.errors import Unavailable

REQUEST = "$CONTROL/dynamic-security/v1"
RESPONSE = REQUEST + "/response"
# 100 commands of a role each are some 70 kB: below the broker's packet limit, and answered within a second.
BATCH = 100

Command = dict[str, object]


class Answer(msgspec.Struct, frozen=True):
    """What the plugin said to one command: data, or an error in its own words, or neither (done)."""

    command: str = ""
    correlation: str = msgspec.field(default="", name="correlationData")
    error: str | None = None
    data: dict[str, Any] | None = None


class _Answers(msgspec.Struct, frozen=True):
    responses: list[Answer]


class ControlFailed(Unavailable):
    """The broker could not be reached as administrator, did not answer, or refused a command."""


class Control:
    """A connection that speaks for the administrator; one batch under way at a time."""

    def __init__(self, client: aiomqtt.Client, *, answer_within_s: float) -> None:
        self._client = client
        self._answer_within_s = answer_within_s
        self._turn = asyncio.Lock()

    async def ask(self, commands: Sequence[Command]) -> list[Answer]:
        """Send commands, at most `BATCH` at once, and return the answer to each, errors included.

        Raises ControlFailed when the broker does not answer.
        """
        answers: list[Answer] = []
        for start in range(0, len(commands), BATCH):
            answers += await self._exchange(commands[start : start + BATCH])
        return answers

    async def execute(self, commands: Sequence[Command]) -> list[Answer]:
        """Like `ask`, but raises ControlFailed when any command was refused."""
        answers = await self.ask(commands)
        for command, answer in zip(commands, answers, strict=True):
            if answer.error is not None:
                raise ControlFailed(f"The broker refused {_describe(command)}: {answer.error}")
        return answers

    async def _exchange(self, batch: Sequence[Command]) -> list[Answer]:
        name = secrets.token_hex(8)
        numbered = [{**command, "correlationData": f"{name}.{n}"} for n, command in enumerate(batch)]
        async with self._turn:
            try:
                async with asyncio.timeout(self._answer_within_s):
                    await self._client.publish(REQUEST, msgspec.json.encode({"commands": numbered}), qos=1)
                    return await self._answers_to(name, len(batch))
            except TimeoutError:
                raise ControlFailed(
                    f"The broker did not answer within {self._answer_within_s:.0f} s: does it load the "
                    "dynamic-security plugin?"
                ) from None
            except aiomqtt.MqttError as error:
                raise ControlFailed(f"The broker was lost: {error}") from error

    async def _answers_to(self, name: str, count: int) -> list[Answer]:
        expected = {f"{name}.{n}": n for n in range(count)}
        found: dict[int, Answer] = {}
        async for message in self._client.messages:
            for answer in msgspec.json.decode(_bytes_of(message), type=_Answers).responses:
                if answer.correlation in expected:
                    found[expected[answer.correlation]] = answer
            if len(found) == count:
                break
        return [found[n] for n in range(count)]


def _bytes_of(message: aiomqtt.Message) -> bytes:
    return message.payload if isinstance(message.payload, bytes) else b""


def _describe(command: Command) -> str:
    subject = command.get("username") or command.get("rolename") or command.get("groupname") or ""
    return f"{command['command']} {subject}".rstrip()


@asynccontextmanager
async def connect_control(
    broker_url: str, admin_password: str, *, answer_within_s: float = 60.0
) -> AsyncIterator[Control]:
    """Connect to `mqtt://host:port` as the administrator.

    Raises ControlFailed when the broker cannot be reached, or does not know this password.
    """
    place = urlsplit(broker_url)
    client = aiomqtt.Client(
        place.hostname or "localhost",
        place.port or 1883,
        username=ADMIN_USER,
        password=admin_password,
        protocol=aiomqtt.ProtocolVersion.V5,
        timeout=answer_within_s,
    )
    try:
        await client.__aenter__()
        await client.subscribe(RESPONSE, qos=1)
    except aiomqtt.MqttError as error:
        raise ControlFailed(f"The broker at {broker_url} does not let the administrator in: {error}") from error
    try:
        yield Control(client, answer_within_s=answer_within_s)
    finally:
        with suppress(aiomqtt.MqttError):  # a broker that does not answer a goodbye is gone already
            await client.__aexit__(None, None, None)
