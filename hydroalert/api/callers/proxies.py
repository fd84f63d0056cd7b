"""The client behind trusted proxies: the one header that is believed, and from whom (docs/why/callers.md)."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

_CLIENTS = b"x-forwarded-for"
_SCHEME = b"x-forwarded-proto"
_SCHEMES = {b"http": {"http": "http", "websocket": "ws"}, b"https": {"http": "https", "websocket": "wss"}}
_MOST_HOPS = 32
_DRESSED = re.compile(r"\[(?P<bracketed>[^\]]+)\](:\d{1,5})?|(?P<plain>[^:\[]+):\d{1,5}", flags=re.ASCII)


class Proxied:
    """An ASGI application around another: where a trusted proxy connects, its word for the client and the scheme.

    The headers stay: what came through a proxy is never taken for this machine itself (`loopback`).
    """

    def __init__(self, app: ASGIApp, trusted: Iterable[str]) -> None:
        self._app = app
        self._trusted = [ip_network(one) for one in trusted]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] in {ScopeType.HTTP, ScopeType.WEBSOCKET}:
            self._believe(scope)
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        peer = _address((scope.get("client") or ("",))[0])
        if peer is None or not _is_within(peer, self._trusted):
            return
        scope["client"] = (str(client_behind(peer, _values(scope, _CLIENTS), self._trusted)), 0)
        schemes = _values(scope, _SCHEME)
        if schemes and schemes[-1].lower() in _SCHEMES:
            scope["scheme"] = _SCHEMES[schemes[-1].lower()][scope["type"]]


def client_behind(peer: Address, hops: Sequence[bytes], trusted: Networks) -> Address:
    """Who sent the request: of the addresses in `X-Forwarded-For`, the rightmost that is no trusted proxy's.

    Each proxy appends whom it heard: what stands left of the first that is not trusted, anybody may have written. A
    word that is no address, or is this machine's, ends the way too: the last good one before it counts.
    """
    client = peer
    for hop in reversed(hops[-_MOST_HOPS:]):
        found = _address(hop.decode("latin-1"))
        if found is None or found.is_loopback:
            return client
        client = found
        if not _is_within(found, trusted):
            return client
    return client


def _values(scope: Scope, wanted: bytes) -> list[bytes]:
    """The list of a header that may stand there more than once (RFC 9110, section 5.3)."""
    given = b",".join(value for name, value in scope["headers"] if name == wanted)
    return [word for part in given.split(b",") if (word := part.strip())]


def _address(text: str) -> Address | None:
    """An address with or without a port, IPv6 in brackets or bare; None for anything else. A mapped one is IPv4."""
    dressed = _DRESSED.fullmatch(text)
    try:
        found = ip_address(dressed["bracketed"] or dressed["plain"] if dressed else text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return None if found.scope_id else found.ipv4_mapped or found
    return found


def _is_within(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)
