"""The rules: how an employee and an account are held against each other, and what follows from it."""

from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from portal.accounts.spelling import is_apart, may_be_one_number
from portal.connectors.values import Protection, RemoteAccount
from portal.languages import begun, joined, pgettext
from portal.languages import gettext as _
from portal.theirs.signs import Sign, Signs, folded

# Accounts that are never linked as they are. One that was deleted is restored first.
NEVER_LINKED = frozenset({Protection.GUEST, Protection.DELETED})
PROTECTED = {
    Protection.ADMINISTRATOR: _("This account holds an administrator role, so the portal does not change it."),
    Protection.DELETED: _("This account was deleted, so it must be restored first."),
    Protection.GUEST: _("This account is a guest from another company, so the portal does not change it."),
    Protection.OURSELVES: _("The portal’s connection depends on this account, so the portal does not change it."),
    Protection.SYNCED: _("This account is synchronised from your own directory, so it must be changed there."),
}
WORDS = {
    Sign.NUMBER: _("same employee number"),
    Sign.ADDRESS: _("same address as the company email"),
    Sign.OWN: _("its address is their personal email"),
    Sign.PERSONAL: _("same personal email"),
    Sign.LIKE_NUMBER: _("same employee number apart from leading zeros"),
    Sign.WRITTEN_NUMBER: _("same employee number, written differently"),
    Sign.NAME: _("same name"),
    Sign.USERNAME: _("username built from the same name"),
    Sign.LIKE_NAME: _("similar name"),
    Sign.PROPOSED: _("has the username they would get"),
    Sign.DEPARTMENT: _("same department"),
}
# What is shown only where there is nothing better to show.
_SAID_BETTER_BY = {
    Sign.PERSONAL: {Sign.OWN},
    Sign.LIKE_NUMBER: {Sign.NUMBER},
    Sign.WRITTEN_NUMBER: {Sign.NUMBER, Sign.LIKE_NUMBER},
    Sign.USERNAME: {Sign.NAME},
    Sign.LIKE_NAME: {Sign.NAME, Sign.USERNAME},
    Sign.PROPOSED: {Sign.NUMBER, Sign.ADDRESS, Sign.NAME, Sign.USERNAME},
}
STRONG = frozenset({Sign.NUMBER, Sign.ADDRESS})
TELLING = STRONG | {Sign.OWN, Sign.PERSONAL, Sign.LIKE_NUMBER, Sign.WRITTEN_NUMBER, Sign.NAME}
WEAK = frozenset({Sign.USERNAME, Sign.LIKE_NAME})


@dataclass(frozen=True)
class Evidence:
    """What an account and an employee have in common, the most telling first, and the evidence against it, in words.

    other_name: their names have no word in common. has_username: the account has the username they would get.
    """

    shared: tuple[Sign, ...] = ()
    against: tuple[str, ...] = ()
    other_department: bool = False
    other_name: bool = False
    has_username: bool = False

    @property
    def words(self) -> list[str]:
        return [*(WORDS[sign] for sign in self.shared), *(_("but %(reason)s", reason=words) for words in self.against)]

    @property
    def sentence(self) -> str:
        return begun(joined(*(self.words if self.shared else self.against), by=", "))

    @property
    def asks(self) -> bool:
        """Whether there is enough of it to ask before another account is made."""
        shared = set(self.shared)
        return self.has_username or bool(shared & TELLING) or (bool(shared & WEAK) and not self.other_department)

    @property
    def is_strong(self) -> bool:
        """Whether number or address say it, and the name does not say otherwise."""
        return bool(STRONG & set(self.shared)) and not self.other_name

    @property
    def by_name_and_department(self) -> bool:
        return {Sign.NAME, Sign.DEPARTMENT} <= set(self.shared)

    @property
    def rank(self) -> tuple[bool, int, int]:
        """To sort by: another name last, then the best sign first, then the one that shares more."""
        order = list(Sign)
        return (self.other_name, order.index(self.shared[0]) if self.shared else len(order), -len(self.shared))


def compare(person: Signs, account: Signs, *, number_of: str = "") -> Evidence:
    """Hold an employee's signs against an account's. number_of: the other employee who has the account's number."""
    found = {sign for sign, value in person.keys & account.keys}
    other_name = has_other_name(person, account)
    if not may_be_one_number(person.number, account.number, other_name=other_name):
        found.discard(Sign.WRITTEN_NUMBER)
    theirs, its = folded(person.department), folded(account.department)
    if found and theirs and theirs == its:
        found.add(Sign.DEPARTMENT)
    shared = tuple(sign for sign in Sign if sign in found and not (_SAID_BETTER_BY.get(sign, set()) & found))
    against = []
    if other_name:
        against.append(_other_name(person, account))
    if account.number and not found & {Sign.NUMBER, Sign.LIKE_NUMBER, Sign.WRITTEN_NUMBER}:
        against.append(_other_number(account.number, number_of))
    other_department = bool(theirs and its and theirs != its)
    against += [_("department %(department)s", department=account.department)] if other_department else []
    return Evidence(shared, tuple(against), other_department, other_name, Sign.PROPOSED in found)


def _other_number(number: str, number_of: str = "") -> str:
    if number_of:
        return _("employee number %(number)s, which is %(name)s’s", number=number, name=number_of)
    return _("employee number %(number)s", number=number)


def has_other_name(person: Signs, account: Signs) -> bool:
    """Whether both have names, and no word of the two is the same, or sounds like it, or is short for it."""
    if {sign for sign, _ in person.keys & account.keys} & {Sign.NAME, *WEAK}:
        return False
    return bool(person.sounds and account.sounds) and not person.sounds & account.sounds


def _other_name(person: Signs, account: Signs) -> str:
    name = account.name or pgettext("name", "none")
    return (
        _("name in other letters: %(name)s", name=name)
        if is_apart(person.name) != is_apart(name)
        else _("another name: %(name)s", name=name)
    )


def may_be(evidence: Evidence, protections: frozenset[Protection], *, of_another: bool = False) -> bool:
    """Whether the account may be the employee's, so that it is asked about before another one is made.

    A guest, and an account of another employee (of_another: by its number and its name), need more than a name.
    """
    shared = set(evidence.shared)
    if Protection.GUEST in protections:
        return bool({Sign.NUMBER, Sign.ADDRESS} & shared)
    if of_another:
        return bool({Sign.ADDRESS, Sign.OWN} & shared)
    return evidence.asks


@dataclass(frozen=True)
class LinkOffer:
    """An account that may be this employee's.

    holder: the employee who has it. number_of: the other employee who has its number. of_another: that one has its
    name too. declined: a user said that it is not this employee's.
    """

    remote: RemoteAccount
    evidence: Evidence = field(default_factory=Evidence)
    holder: str = ""
    number_of: str = ""
    of_another: bool = False
    declined: bool = False

    @property
    def reasons(self) -> list[str]:
        return self.evidence.words

    @property
    def told(self) -> str:
        """ "mary@acme.example (same name, same department)"."""
        return because(self.remote.username, self.reasons)

    @property
    def unnamed(self) -> "LinkOffer":
        """The same without the names of other employees, for who does not see them."""
        number = str(self.remote.fields.get("employee_number") or "")
        named, plain = _other_number(number, self.number_of), _other_number(number)
        against = tuple(plain if words == named else words for words in self.evidence.against)
        holder = _("somebody else") if self.holder else ""
        return replace(self, evidence=replace(self.evidence, against=against), holder=holder)

    @property
    def deleted(self) -> bool:
        return Protection.DELETED in self.remote.protections

    def deleted_on(self, zone: ZoneInfo) -> date | None:
        """The day of its deletion; None for one that was not deleted."""
        return self.remote.deleted_at.astimezone(zone).date() if self.remote.deleted_at else None

    @property
    def may_be(self) -> bool:
        """Whether it is to be asked about."""
        free = not self.holder and not self.declined
        return free and may_be(self.evidence, self.remote.protections, of_another=self.of_another)

    @property
    def barred(self) -> str:
        """Why it cannot be linked; empty when it can."""
        return (
            _("Already linked to %(holder)s.", holder=self.holder)
            if self.holder
            else why(self.remote.protections & NEVER_LINKED)
        )

    @property
    def watched(self) -> str:
        """Why it would only be watched; empty for one that the portal may change."""
        return why(self.remote.protections - NEVER_LINKED)

    @property
    def rank(self) -> tuple:
        """To sort by: the most telling evidence first, then accounts in use, then the latest."""
        latest = self.remote.deleted_at or self.remote.created_at
        return (*self.evidence.rank, self.deleted, -latest.timestamp() if latest else 0.0)


def because(account: str, reasons: list[str]) -> str:
    """An account, and what says that it is this employee's."""
    return _("%(account)s (%(reasons)s)", account=account, reasons=joined(*reasons, by=", "))


def why(protections: frozenset[Protection]) -> str:
    """Why an account with these is left alone, in a sentence; empty for none."""
    return PROTECTED[sorted(protections)[0]] if protections else ""
