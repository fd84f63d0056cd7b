"""Who counts as one client."""

from ipaddress import IPv6Address, ip_address


def party_of(address: str) -> str | None:
    """An IPv4 address, or the /64 that one customer of IPv6 has; None for this machine, and for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if found.is_loopback:
        return None
    return str(found) if found.version == 4 else found.exploded[:19]
