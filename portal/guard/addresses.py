"""What may be entered as the address of another system. Nothing is looked up here: see reaching.py."""

import re
from dataclasses import dataclass

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from portal.languages import gettext as _
from portal.problems import Problem

# The port that each kind of address has without one; others begin where no system service listens.
PORTS = {"https": 443, "sftp": 22, "tls": 6514}
FIRST_FREE_PORT = 1024
LONGEST = 2000
NAME = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# A last part like this makes the whole a number in one of its spellings: 127.1, 2130706433, 0x7f.1.
NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")


class AddressRefused(Problem):
    """This is not an address that the portal calls."""

    status = 422
    title = _("The address cannot be used")
    next_step = _("Enter the address as the other system shows it.")


@dataclass(frozen=True)
class Address:
    """An address that may be entered. host: in lower case, international names in their ASCII form.

    target: path and query, as they are sent.
    """

    scheme: str
    host: str
    port: int
    target: str = "/"

    @property
    def netloc(self) -> str:
        """Host and port, as the header Host has them."""
        return self.host if self.port == PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def text(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.netloc}{self.target}"


def read(text: str, scheme: str = "https") -> Address:
    """The address that somebody typed. scheme: of PORTS, the only one that it may have. Raises AddressRefused."""
    text = text.strip()
    if len(text) > LONGEST:
        raise AddressRefused(_("An address has at most %(longest)s characters.", longest=LONGEST))
    if not text.isprintable() or " " in text or "\\" in text:
        raise AddressRefused(_("This is not an address: it has a space or another character that no address has."))
    if not text.casefold().startswith(f"{scheme}://"):
        raise AddressRefused(_("The address must begin with %(start)s.", start=f"{scheme}://"))
    try:
        parts = parse_url(text)
    except LocationParseError:
        raise AddressRefused(_("This is not an address.")) from None
    if parts.auth is not None or "@" in (parts.netloc or ""):
        raise AddressRefused(_("The address must not have a name or password in it."))
    return Address(scheme, _host(parts), _port(parts.port, scheme), _target(parts))


def _host(parts: Url) -> str:
    host = (parts.host or "").casefold().removesuffix(".")
    if ":" in host or NUMBER.fullmatch(host):
        raise AddressRefused(_("The address needs the name of a server: a number is not enough."))
    if not NAME.fullmatch(host):
        raise AddressRefused(_("The address does not name a server."))
    return host


def _port(given: int | None, scheme: str) -> int:
    usual = PORTS[scheme]
    port = usual if given is None else given
    if port != usual and not FIRST_FREE_PORT <= port <= 65535:
        raise AddressRefused(
            _(
                "The port must be %(usual)s, or from %(first_free_port)s to 65535.",
                usual=usual,
                first_free_port=FIRST_FREE_PORT,
            )
        )
    return port


def _target(parts: Url) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
