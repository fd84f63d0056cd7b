"""Until there are accounts: what only the machine itself may see."""

from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from hydroalert.api.problems import Refused

_FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"})


def only_from_loopback(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A Litestar guard: the client is on this machine and speaks for itself."""
    client = connection.client.host if connection.client else None
    if not is_from_loopback(client, connection.headers):
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "loopback-only",
            "Until there are accounts this answers on the machine itself only: ask http://127.0.0.1 there, directly.",
        )


def is_from_loopback(client: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from this machine and not through it.

    A proxy on this machine connects from loopback for the whole world: what carries a proxy's headers is refused.
    A page in a local browser can be made to call loopback under its own name (DNS rebinding): so the Host must be
    loopback too. And a page from anywhere can make it post here (CSRF): so its Origin must be loopback as well.
    """
    return (
        _is_loopback(client)
        and not any(name in headers for name in _FORWARDED)
        and _is_loopback(_host_name(headers.get("host")))
        and ("origin" not in headers or _is_loopback(_host_name(headers["origin"].rpartition("//")[2])))
    )


def _host_name(host: str | None) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_loopback(name: str | None) -> bool:
    if name == "localhost":
        return True
    try:
        address = ip_address(name or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
