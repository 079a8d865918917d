"""Whose requests count together before anybody has said who they are: those of one network."""

import hmac
from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import current_app, request

#: Bits of an IPv6 address that a customer is given at least (RFC 6177); the rest is theirs to choose, a new one for each request if they like.
CUSTOMER = 64


def of_request() -> str:
    """The network that the request comes from, behind the proxies that are trusted."""
    return network(request.remote_addr or "127.0.0.1")


def mark(network: str) -> str:
    """A short name for a network that tells nobody which one it is, the same for as long as the secret key."""
    key = str(current_app.secret_key).encode()
    return hmac.digest(key, b"network " + network.encode(), "sha256").hex()[:16]


def network(address: str) -> str:
    """An IPv4 address as it is, also where it is written as an IPv6 one; the /64 of an IPv6 address. What is no address stands for itself."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if inside := parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo or (None, None))[1]:
        return str(inside)
    return str(IPv6Network((parsed, CUSTOMER), strict=False))
