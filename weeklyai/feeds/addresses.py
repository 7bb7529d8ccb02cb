"""Addresses: which may be shown, which may be dialled, and who answers for them."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit, urlunsplit

# All that is assigned (IANA, IPv6 Global Unicast Address Assignments); beyond it lie IPv4-compatible, site-local and
# translated forms of private addresses, which `ipaddress` takes for global.
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")


def redacted(url: str) -> str:
    """Return `url` without user name and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))


def is_public(address: str) -> bool:
    """Say whether an IP address may be dialled: global unicast only, also inside mapped and translated forms."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in ipaddress.IPv6Network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip not in GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of `host` from the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def host_of(url: str) -> str:
    """Return the host of `url`, or "" where it is no address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def origin(parts: SplitResult) -> tuple[str, str, int]:
    """Return scheme, host (in ASCII, RFC 3490) and port of an address.

    Raises:
        ValueError: host or port are none.
    """
    host = (parts.hostname or "").encode("idna").decode()
    return parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80)
