"""Which addresses of the network a document may be fetched from: those of the public internet."""

from __future__ import annotations

import ipaddress
import socket

from carrel.errors import SourceInvalid, SourceUnreachable

# 64:ff9b::/96 of RFC 6052 stands for the whole of IPv4, private addresses too.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def public_addresses(host: str, port: int) -> list[str]:
    """The addresses that `host` has now. To be connected to as they are: asked again, the name may say another thing.

    Raises SourceInvalid if any of them is not public, SourceUnreachable if there is none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnreachable(f"{host} cannot be reached: its name has no address", "check the address") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not is_public(address):
            where = address if address == host else f"{host} is {address}, which"
            raise SourceInvalid(
                f"{where} is not on the public internet; nothing was fetched",
                "if you trust what is there: carrel config --user papers.private_addresses true",
            )
    return addresses


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the public internet, also where it is an IPv4 address in IPv6's clothes.

    >>> [is_public(one) for one in ("93.184.215.14", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1%eth0")]
    [True, False, False, False, False]
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return False
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if any(one is not None and not _is_global(one) for one in inner):
            return False
    return _is_global(address)


def _is_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    # ::ffff:0:0/96 as such counts as reserved; what it holds was looked at.
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    special = address.is_multicast or address.is_unspecified or address.is_loopback or address.is_link_local
    nat64 = address in _NAT64
    return (address.is_global or nat64) and not special and (nat64 or not address.is_reserved)
