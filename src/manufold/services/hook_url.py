"""Where a webhook may lead: out to the internet, and nowhere inside.

Whoever may subscribe makes this server send requests. So an address is judged twice, when it is
given and at each delivery, by the numbers its name stands for at that moment, and the delivery goes
to the very number that was judged: a name that answers differently a moment later gains nothing.

Source  OWASP, Server-Side Request Forgery Prevention Cheat Sheet; IANA special-purpose address
registries (RFC 6890) as in the standard library; RFC 6052 (IPv4 inside IPv6).
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from manufold.model.errors import InputFault
from manufold.services.context import Context

__all__ = ["HookUrl", "Resolve", "checked_addresses", "checked_url", "resolved"]

#: (host, port) -> the addresses it stands for now, as texts
Resolve = Callable[[str, int], Sequence[str]]

_LETTERS_MAX = 2000
_PORTS = frozenset({80, 443})
_PORT_LEAST = 1024  # below it are the mail, file and name servers of somebody else
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class HookUrl:
    """A webhook's address, taken apart.

    Args:
        host: lower case, without brackets.
        target: path and query, as sent in the request line.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Return host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def resolved(host: str, port: int) -> Sequence[str]:
    """Return the addresses that a name stands for now, as this machine sees it.

    Raises:
        OSError: there are none, or the name servers do not answer.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def checked_url(ctx: Context, text: str) -> HookUrl:
    """Return the parts of an address to which deliveries may go, its name not yet looked up.

    Raises:
        InputFault: `hooks.url_wrong`, `hooks.url_with_password`, `hooks.url_plain`,
            `hooks.port_wrong`.
    """
    shown = text[:120] if text.isprintable() else ascii(text)[:120]
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise InputFault("hooks.url_wrong", url=shown) from None
    plain = text.isascii() and text.isprintable() and " " not in text and "\\" not in text
    if not plain or len(text) > _LETTERS_MAX or not parts.hostname or parts.fragment:
        raise InputFault("hooks.url_wrong", url=shown)
    if parts.scheme not in ("http", "https"):
        raise InputFault("hooks.url_wrong", url=shown)
    if "@" in parts.netloc:
        raise InputFault("hooks.url_with_password", host=parts.hostname)
    if "%" in parts.netloc or len(parts.hostname) > 253:
        raise InputFault("hooks.url_wrong", url=shown)
    return _judged(ctx, parts, port)


def _judged(ctx: Context, parts: SplitResult, port: int | None) -> HookUrl:
    host = str(parts.hostname)
    here = ctx.store.world == "sim" and host in _LOOPBACK_NAMES
    if parts.scheme == "http" and not here and host not in _own_hosts(ctx):
        raise InputFault("hooks.url_plain", host=host)
    number = {"http": 80, "https": 443}[parts.scheme] if port is None else port
    if number not in _PORTS and number < _PORT_LEAST:
        raise InputFault("hooks.port_wrong", port=number, least=_PORT_LEAST)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return HookUrl(parts.scheme, host, number, target)


def checked_addresses(ctx: Context, url: HookUrl, addresses: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses a delivery may connect to: all that the name stands for, or none.

    Raises:
        InputFault: `hooks.host_unknown` without an address, `hooks.address_inside` when one of
            them is not of the public internet; it is not named, so that nobody maps a network by
            subscribing.
    """
    if not addresses:
        raise InputFault("hooks.host_unknown", host=url.host)
    if url.host not in _own_hosts(ctx):
        sim = ctx.store.world == "sim"
        for text in addresses:
            if not _public(text) and not (sim and _loopback(text)):
                raise InputFault("hooks.address_inside", host=url.host)
    return tuple(addresses)


def _own_hosts(ctx: Context) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in ctx.settings.webhook_hosts.split(","))


def _loopback(text: str) -> bool:
    return any(address.is_loopback for address in _meanings(text)[-1:])


def _public(text: str) -> bool:
    found = _meanings(text)
    return bool(found) and all(
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not getattr(address, "is_site_local", False)
        for address in found
    )


def _meanings(text: str) -> list[IPv4Address | IPv6Address]:
    """Return the address, or the IPv4 addresses it carries; none for what is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return []
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    if address.teredo is not None:
        return [address, *address.teredo]
    return [address]
