"""One attempt to send, whatever it is: what goes wrong with one never stops the others."""

from collections.abc import Awaitable, Callable

import structlog

from hydroalert.alerting.notify.messages import Message
from hydroalert.alerting.notify.outcomes import Failed, Outcome
from hydroalert.domain.addresses import Address
from hydroalert.domain.errors import SecretsError
from hydroalert.store.sealing import Sealer
from hydroalert.store.subscriptions import open_address

_log = structlog.get_logger()

Send = Callable[[Address, Message], Awaitable[Outcome]]


async def attempt(sealer: Sealer, send: Send, name: str, sealed: bytes, compose: Callable[[], Message]) -> Outcome:
    """Open the sealed address of the subscription `name`, compose, send."""
    try:
        return await send(open_address(sealer, name, sealed), compose())
    except SecretsError as error:
        return Failed(str(error))
    except Exception:
        _log.exception("notification_fault", subscription=name)
        return Failed("a fault of the platform's own: see its log")
