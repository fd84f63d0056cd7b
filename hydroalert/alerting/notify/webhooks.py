"""Webhooks: one POST, signed; no redirect is followed, no answer is read, no receiver is waited for long."""

import asyncio
import logging
from datetime import UTC, datetime
from http import HTTPStatus

import httpx

from hydroalert.alerting.notify.messages import Message
from hydroalert.alerting.notify.outcomes import Delivered, Failed, Gone, Outcome
from hydroalert.domain.addresses import Address
from hydroalert.wire.webhooks import webhook_headers

_TIMEOUT_S = 10.0
_ALL_IN_ALL_S = 15.0
_CONNECTIONS = 128

logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes each URL, and there may be a token in it


class Webhooks:
    """Sends to webhooks."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(
            timeout=_TIMEOUT_S,
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=0),
            headers={"user-agent": "HydroAlert"},
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Let go of what is open."""
        await self._client.aclose()

    async def send(self, address: Address, message: Message) -> Outcome:
        """One attempt, at most fifteen seconds long."""
        assert address.secret is not None  # every webhook is given one
        headers = webhook_headers(address.secret, message.id, datetime.now(UTC), message.body)
        try:
            async with (
                asyncio.timeout(_ALL_IN_ALL_S),
                self._client.stream("POST", address.url, content=message.body, headers=headers) as answer,
            ):
                return outcome_of(answer.status_code)
        except (httpx.TimeoutException, TimeoutError):
            return Failed("did not answer in time")
        except httpx.ConnectError as error:
            return Failed(f"cannot be reached: {error}")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Failed(f"the connection failed: {type(error).__name__}")


def outcome_of(status: int) -> Outcome:
    """What an answer means (Standard Webhooks: 2xx is taken, 410 is never again, anything else is tried again)."""
    if 200 <= status < 300:
        return Delivered()
    if status == HTTPStatus.GONE:
        return Gone("answered 410: it wants no more messages")
    if 300 <= status < 400:
        return Failed(f"answered {status}: redirects are not followed; subscribe the address that it leads to")
    return Failed(f"answered {status}")
