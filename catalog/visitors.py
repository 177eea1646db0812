"""Where a request comes from, as far as we believe it."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's address: REMOTE_ADDR, or what the outermost of our TRUSTED_PROXIES wrote into X-Forwarded-For.

    Whatever stands further left was written by the visitor and is not read.
    """
    direct: str = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXIES
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if hops == 0 or len(forwarded) < hops:
        return direct
    return _bare(forwarded[-hops]) or direct


def network(address: str) -> str:
    """What counts as one visitor: the address, of IPv6 the /64. Without one ("unknown") all share an allowance."""
    try:
        ip = ip_address(address)
    except ValueError:
        return "unknown"  # a Unix socket has no address
    ip = (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip
    return str(ip_network(f"{ip}/64", strict=False)) if ip.version == 6 else str(ip)


def _bare(hop: str) -> str:
    """The address in one entry of X-Forwarded-For, which some proxies write with a port; nothing if it is none."""
    hop = hop.strip()
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ip_address(hop))
    except ValueError:
        return ""
