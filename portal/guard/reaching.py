"""Where an address leads. It is looked up once for each call, and the call goes to what was found and to nothing else.

So no name can lead to one machine while it is looked at, and to another when it is called.
"""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from portal.config import settings
from portal.guard.addresses import Address
from portal.languages import gettext as _
from portal.logs import log
from portal.problems import Problem

# Python's is_global is true of these, although what is in them may lead inside: NAT64, 6to4 and its relays, Teredo, the
# router's own services; or leads nowhere, as in examples.
# https://www.iana.org/assignments/iana-ipv6-special-registry/
# https://www.iana.org/assignments/iana-ipv4-special-registry/
LEAD_ELSEWHERE = list(map(
    ip_network, (
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "192.88.99.0/24", "192.0.0.0/24", "2001::/32", "2001:db8::/32",
        "3fff::/20",
    ),
))  # fmt: skip
# The only part of IPv6 from which public addresses were given out: beside it are IPv4 addresses in IPv6 spelling, say.
# https://www.iana.org/assignments/ipv6-address-space/
GIVEN_OUT = ip_network("2000::/3")
# How many of the machines behind one name are tried in turn.
MOST_TRIED = 3


class NotPublic(Problem):
    message = _("The portal finds no public address for that name that it may call.")

    # The same for a name that does not exist and for every machine inside, so that nobody learns what is inside.
    status = 422
    title = _("The address cannot be called")
    next_step = _(
        "Check the name in the address. If it is a machine inside your own network, ask your IT team to allow it with "
        "PORTAL_OUTGOING_ALLOWED."
    )


@dataclass(frozen=True)
class Reached:
    """Where an address leads at this moment. public: whether all of it is on the public internet.

    Only then may an Admin see what was answered.
    """

    machines: tuple[str, ...]
    public: bool


def reach(address: Address) -> Reached:
    """Look the address up, for one call. Raises NotPublic when any of what is found may not be called."""
    found = _look_up(address)
    public = [is_public(each) for each in found]
    chosen = settings()
    named = address.host in chosen.allowed_hosts
    fit = [good or named or chosen.allows_machine(each) for each, good in zip(found, public, strict=True)]
    if not found or not all(fit):
        log.warning("address not called", host=address.host, found=len(found))
        raise NotPublic()
    return Reached(tuple(found[:MOST_TRIED]), all(public))


def _look_up(address: Address) -> list[str]:
    try:
        answers = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def is_public(text: str) -> bool:
    """Whether it is the address of a machine on the public internet, and of one machine only."""
    try:
        machine: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return False
    if isinstance(machine, IPv6Address) and machine.ipv4_mapped is not None:
        machine = machine.ipv4_mapped
    elsewhere = any(machine.version == each.version and machine in each for each in LEAD_ELSEWHERE)
    elsewhere |= isinstance(machine, IPv6Address) and machine not in GIVEN_OUT
    return machine.is_global and not machine.is_multicast and not elsewhere
