"""A proxy that is trusted says who the client is; nobody else does, and nobody becomes this machine by it."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.api.callers.proxies import Proxied, client_behind
from hydroalert.api.loopback import is_from_loopback

TRUSTED = ("10.0.0.0/8", "127.0.0.1", "2001:db8:1::/48")
NETWORKS = [ip_network(one) for one in TRUSTED]


async def seen(peer: str, headers: list[tuple[str, str]], kind: str = "http") -> dict[str, Any]:
    """The scope as the application gets it."""
    found: dict[str, Any] = {}

    async def keep(scope: Any, *_: Any) -> None:
        found.update(scope)

    scope: Any = {
        "type": kind,
        "client": (peer, 40_000),
        "scheme": "http" if kind == "http" else "ws",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
    }
    await Proxied(keep, TRUSTED)(scope, None, None)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("peer", "lines", "client"),
    [
        ("10.0.0.2", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.2", ["203.0.113.7:4711"], "203.0.113.7"),
        ("10.0.0.2", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("10.0.0.2", ["[2001:db8::7]"], "2001:db8::7"),
        ("10.0.0.2", ["2001:db8::7"], "2001:db8::7"),
        ("10.0.0.2", ["::ffff:203.0.113.7"], "203.0.113.7"),
        ("::ffff:10.0.0.2", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("2001:db8:1::5", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.2", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.2", ["198.51.100.1, 203.0.113.7, 10.0.0.9"], "203.0.113.7"),
        ("10.0.0.2", ["198.51.100.1", "203.0.113.7", " 10.0.0.9 ,"], "203.0.113.7"),
        ("10.0.0.2", ["10.0.0.8, 10.0.0.9"], "10.0.0.8"),
        ("10.0.0.2", ["203.0.113.7, unknown"], "10.0.0.2"),
        ("10.0.0.2", ["203.0.113.7, _hidden, 10.0.0.9"], "10.0.0.9"),
        ("10.0.0.2", ["127.0.0.1"], "10.0.0.2"),
        ("10.0.0.2", ["::1, 10.0.0.9"], "10.0.0.9"),
        ("10.0.0.2", ["::ffff:127.0.0.1"], "10.0.0.2"),
        ("10.0.0.2", ["fe80::1%lo"], "10.0.0.2"),
        ("10.0.0.2", ["203.0.113.7:port", "[203.0.113.7"], "10.0.0.2"),
        ("10.0.0.2", ["203.0.113.07"], "10.0.0.2"),
        ("10.0.0.2", ["é\x00<script>"], "10.0.0.2"),
        ("10.0.0.2", [""], "10.0.0.2"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("192.0.2.1", ["203.0.113.7"], "192.0.2.1"),
        ("192.0.2.1", ["10.0.0.2"], "192.0.2.1"),
        ("", ["203.0.113.7"], ""),
    ],
)
async def test_the_client_is_the_rightmost_that_is_no_trusted_proxy(peer: str, lines: list[str], client: str) -> None:
    scope = await seen(peer, [("X-Forwarded-For", line) for line in lines])
    assert scope["client"][0] == client


@pytest.mark.parametrize("name", ["Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "Via"])
async def test_no_other_header_says_who_the_client_is(name: str) -> None:
    assert (await seen("10.0.0.2", [(name, "for=203.0.113.7")]))["client"][0] == "10.0.0.2"


@pytest.mark.parametrize(
    ("peer", "kind", "given", "scheme"),
    [
        ("10.0.0.2", "http", "https", "https"),
        ("10.0.0.2", "http", "HTTPS", "https"),
        ("10.0.0.2", "websocket", "https", "wss"),
        ("10.0.0.2", "http", "https, http", "http"),
        ("10.0.0.2", "http", "javascript", "http"),
        ("192.0.2.1", "http", "https", "http"),
    ],
)
async def test_only_a_trusted_proxy_says_that_it_was_https(peer: str, kind: str, given: str, scheme: str) -> None:
    assert (await seen(peer, [("X-Forwarded-Proto", given)], kind))["scheme"] == scheme


ADDRESSES = st.one_of(st.ip_addresses().map(str), st.sampled_from(["127.0.0.1", "::1", "10.0.0.9", "localhost", ""]))


@given(peer=st.ip_addresses(), hops=st.lists(st.one_of(ADDRESSES, st.text(max_size=12)), max_size=40))
def test_whatever_a_header_says_a_remote_client_is_never_this_machine(peer: Any, hops: list[str]) -> None:
    given_hops = [hop.encode("utf-8", "replace") for hop in hops]
    client = client_behind(peer, given_hops, NETWORKS)
    assert not client.is_loopback or client == peer
    assert not is_from_loopback(str(client), {"host": "127.0.0.1", "x-forwarded-for": ", ".join(hops)})


def test_a_long_way_is_followed_no_further_than_any_real_one() -> None:
    hops = [b"203.0.113.7", *[b"10.0.0.9"] * 5_000]
    assert client_behind(ip_address("10.0.0.2"), hops, NETWORKS) == ip_address("10.0.0.9")
