"""How an organisation makes usernames out of names: its pattern, in plain letters, and what if one is taken."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from portal.accounts.letters import in_letters_of_an_address
from portal.connections.models import Connection
from portal.connections.settings import settings_of
from portal.connectors import SERVICES
from portal.connectors.capabilities import LocalPartRules
from portal.languages import gettext as _
from portal.people.models import Employee

MOST_TRIES = 30
SEPARATORS = {".": _("Full stop"), "_": _("Underscore"), "-": _("Hyphen")}
COLLISIONS = {"number": _("A number: mary.obrien2"), "initial": _("The middle initial, then a number: mary.a.obrien")}

# Parts of a username: first name, middle initial (mostly empty), last name; and what joins them.
Join = Callable[[str, str, str, str], str]


def _joined(separator: str, *parts: str) -> str:
    return separator.join(part for part in parts if part)


@dataclass(frozen=True)
class Pattern:
    """label: as an administrator reads it. join: the parts and the separator, made into one."""

    label: str
    join: Join


PATTERNS: dict[str, Pattern] = {
    "first.last": Pattern(_("First name, last name: mary.obrien"), lambda f, m, n, s: _joined(s, f, m, n)),
    "last.first": Pattern(_("Last name, first name: obrien.mary"), lambda f, m, n, s: _joined(s, n, f, m)),
    "f.last": Pattern(_("Initial, last name: m.obrien"), lambda f, m, n, s: _joined(s, f[:1] + m if n else f, n)),
    "flast": Pattern(_("Initial and last name together: mobrien"), lambda f, m, n, s: (f[:1] + m if n else f) + n),
    "firstlast": Pattern(_("First and last name together: maryobrien"), lambda f, m, n, s: f + m + n),
    "first": Pattern(_("First name: mary"), lambda f, m, n, s: _joined(s, f or n, m)),
}


@dataclass(frozen=True)
class Naming:
    """What an organisation has chosen: a key of PATTERNS, of SEPARATORS, of COLLISIONS, of LETTERS and of CYRILLIC.

    rules: what the application takes before the @.
    """

    pattern: str = "first.last"
    separator: str = "."
    use_preferred_name: bool = True
    collision: str = "number"
    letters: str = "plain"
    cyrillic: str = "any"
    rules: LocalPartRules = field(default_factory=LocalPartRules)

    def plain(self, text: str) -> str:
        """The text in lower-case letters and digits: "O'Brien-Łuc" becomes "obrien-luc"."""
        written = in_letters_of_an_address(text, self.letters, self.cyrillic).lower()
        return re.sub(r"[^a-z0-9-]", "", written).strip("-")


def naming_of(connection: Connection) -> Naming:
    """What the connection's organisation has chosen; the defaults when nothing."""
    chosen = settings_of(connection)
    return Naming(
        chosen.naming, chosen.separator, chosen.use_preferred_name, chosen.collision, chosen.letters, chosen.cyrillic,
        SERVICES[connection.service].capabilities.local_part,
    )  # fmt: skip


def candidates(employee: Employee, naming: Naming | None = None) -> Iterator[str]:
    """Local parts in the order in which they are tried: mary.obrien, mary.obrien2, mary.obrien3 …"""
    naming = naming or Naming()
    preferred = employee.preferred_name if naming.use_preferred_name else ""
    first, last = naming.plain(preferred or employee.first_name), naming.plain(employee.last_name)
    base = _made(naming, first, "", last) or naming.plain(employee.employee_number) or "employee"
    fitted = naming.rules.fitted
    yield fitted(base)
    if naming.collision == "initial":
        first, initial = _first_and_initial(naming, preferred, employee.first_name)
        with_initial = _made(naming, first, initial, last)
        if initial and with_initial != base:
            yield fitted(with_initial)
    yield from numbered(base, naming.rules)


def _made(naming: Naming, first: str, initial: str, last: str) -> str:
    return PATTERNS[naming.pattern].join(first, initial, last, naming.separator)


def _first_and_initial(naming: Naming, preferred: str, first_name: str) -> tuple[str, str]:
    """ "Mary Ann" is mary and a; a single name has no middle initial."""
    words = [word for word in (naming.plain(word) for word in first_name.split()) if word]
    if len(words) < 2:
        return "", ""
    return naming.plain(preferred) or words[0], words[1][0]


def numbered(base: str, rules: LocalPartRules) -> Iterator[str]:
    """The base with 2, 3, 4 … behind it."""
    for number in range(2, MOST_TRIES + 1):
        yield rules.fitted(base, room=len(str(number))) + str(number)
