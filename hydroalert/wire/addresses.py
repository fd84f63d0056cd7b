"""Addresses that can be notified: webhooks by their URL, everything else as Apprise writes it."""

import logging
import re
from urllib.parse import urlsplit

from hydroalert.domain.addresses import Address
from hydroalert.domain.errors import InvalidInput
from hydroalert.wire.webhooks import secret_text

MAX_URL = 2000
_WEBHOOK_SCHEMES = ("http", "https")
_PRINTABLE = re.compile(r"[!-~]+")
_ORIGIN = re.compile(r"[a-z0-9+.-]+://[^/?#]*", flags=re.IGNORECASE)
_WEBHOOK_FORM = "write a webhook as https://host[:port]/path, without a #fragment"
_MAIL = ("mailto", "mailtos")

_apprise_log = logging.getLogger("apprise")
_apprise_log.addHandler(logging.NullHandler())
_apprise_log.propagate = False  # it repeats addresses, passwords included


def parse_address(url: str, random_bytes: bytes) -> Address:
    """An http or https URL is a webhook, signed by a secret of `random_bytes`; anything else, what Apprise knows.

    Raises InvalidInput, whose words never repeat the URL: it may hold a password.
    """
    if len(url) > MAX_URL or not _PRINTABLE.fullmatch(url):
        raise InvalidInput(f"an address is at most {MAX_URL} signs without spaces; write others as %20 and so on", "to")
    scheme = url.partition(":")[0].lower()
    return _webhook(url, secret_text(random_bytes)) if scheme in _WEBHOOK_SCHEMES else _apprise(url, scheme)


def _webhook(url: str, secret: str) -> Address:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise InvalidInput(_WEBHOOK_FORM, "to") from None
    if not parts.hostname or parts.fragment:
        raise InvalidInput(_WEBHOOK_FORM, "to")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Address("webhook", url, f"{parts.scheme}://{host}{port}{'/…' if parts.path.strip('/') else ''}", secret)


def _apprise(url: str, scheme: str) -> Address:
    from apprise import Apprise  # noqa: PLC0415 - a third of a second that no other command should pay

    found = Apprise.instantiate(url, suppress_exceptions=True)
    if found is None:
        raise InvalidInput(
            "this address cannot be notified: write https://… for a webhook, or an address as Apprise wants it, such "
            "as mailto://user:password@host, tgram://token/chat or ntfy://host/topic (https://appriseit.com/services)",
            "to",
        )
    masked = str(found.url(privacy=True))  # type: ignore[no-untyped-call]
    return Address("apprise", url, _shown(masked, scheme))


def _shown(masked: str, scheme: str) -> str:
    """Apprise masks passwords and keys, but not what stands in a path or a query: that is left out, save of mail."""
    origin = _ORIGIN.match(masked)
    shown = masked.partition("?")[0] if scheme in _MAIL else origin.group() if origin else f"{scheme}://"
    return shown.rstrip("/") or f"{scheme}://"
