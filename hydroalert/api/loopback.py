"""Whether it is the machine itself that asks: for what answers it without a login."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"})


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
