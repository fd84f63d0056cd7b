"""Everything but webhooks goes through Apprise: it blocks, so each attempt runs in a thread of its own."""

import logging
import re
from functools import partial
from urllib.parse import unquote

from apprise import Apprise, AppriseAsset, NotifyFormat
from apprise.plugins import NotifyBase

from hydroalert.alerting.notify.messages import Message
from hydroalert.alerting.notify.outcomes import Delivered, Failed, Outcome
from hydroalert.alerting.notify.threads import Threads
from hydroalert.domain.addresses import Address

AT_ONCE = 16
_SOCKET_TIMEOUT_S = 10.0
_ALL_IN_ALL_S = 60.0
_LONGEST_WORDS = 300
_SECRET_FROM = 4
"""Shorter parts of an address are no secrets, and stand in too many words."""

_ASSET = AppriseAsset(app_id="HydroAlert", async_mode=False, service_timeout=0)
"""With a time limit of its own Apprise would hand the work to its own threads: six for all, waited for at exit."""


class AppriseSender:
    """Sends to whatever Apprise knows."""

    def __init__(self, at_once: int = AT_ONCE, timeout_s: float = _ALL_IN_ALL_S) -> None:
        self._threads = Threads(at_once, timeout_s)

    async def send(self, address: Address, message: Message) -> Outcome:
        """One attempt. Each answer of a service is waited for ten seconds, all of them together a minute."""
        return await self._threads.call(address.url, partial(self._send, address, message))

    @staticmethod
    def _send(address: Address, message: Message) -> Outcome:
        plugin = Apprise.instantiate(address.url, asset=_ASSET)
        if not isinstance(plugin, NotifyBase):
            return Failed("Apprise does not know this address any more")
        plugin.socket_connect_timeout = min(plugin.socket_connect_timeout, _SOCKET_TIMEOUT_S)
        plugin.socket_read_timeout = min(plugin.socket_read_timeout, _SOCKET_TIMEOUT_S)
        said: list[str] = []
        taken = Apprise(services=[plugin]).notify(  # a plugin by itself does not turn plain text into what it sends
            body=message.text,
            title=message.title,
            body_format=NotifyFormat.TEXT,
            log_callback=lambda entry, _: said.append(entry.message),
            log_level=logging.WARNING,
        )
        if taken:
            return Delivered()
        return Failed(redacted(" ".join(said) or "the service refused it or did not answer", address.url))


def redacted(words: str, url: str) -> str:
    """The words without any part of the address that may be a secret."""
    parts = {part for one in re.split(r"[:/@?&=+#]", url) for part in (one, unquote(one)) if len(part) >= _SECRET_FROM}
    for part in sorted(parts, key=len, reverse=True):
        words = words.replace(part, "…")
    return words[:_LONGEST_WORDS]
