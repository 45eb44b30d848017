"""Licences of an account: which one an employee is to get, what an account has, and what each is called."""

from dataclasses import dataclass

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.connections.offer import has_seat, is_known, name_of, names_of
from portal.connections.settings import NO_LICENCE, rules_of, settings_of
from portal.connectors import SERVICES
from portal.connectors.values import RemoteAccount
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.people.models import Employee


@dataclass(frozen=True)
class Default:
    """The licence a new account gets unless a user chooses another. licence_id: None when one has to be chosen.

    reason: why it is this one, as a sentence.
    """

    licence_id: str | None
    reason: str


# Field of a rule -> why a licence is chosen by it.
RULE_OF = {
    "department": N_("By your organisation’s rule for department %(value)s."),
    "country": N_("By your organisation’s rule for country %(value)s."),
}


class Defaults:
    """The organisation's rules and default licence, read once, for one employee after the other."""

    def __init__(self, connection: Connection):
        self.connection = connection
        self.rules, self.settings = rules_of(connection), settings_of(connection)

    def of(self, employee: Employee) -> Default:
        """By the first rule that matches; else the default licence; else the one that most people there have.

        A trial of some other plan may have the most free seats, so these decide only where nobody has a licence yet.
        """
        if not SERVICES[self.connection.service].capabilities.has_licences:
            return Default(NO_LICENCE, "")
        for rule in self.rules:
            if rule.fits(employee):
                reason = _(RULE_OF[rule.field], value=rule.value)
                return self._still_offered(rule.licence, reason)
        if self.settings.default_licence is not None:
            return self._still_offered(self.settings.default_licence, _("Your organisation’s default."))
        words = SERVICES[self.connection.service].words
        if SERVICES[self.connection.service].capabilities.licences_come_by_themselves:
            return Default(
                NO_LICENCE,
                _(
                    "%(no_licence)s: what your company’s own settings there give to everybody.",
                    no_licence=words.no_licence,
                ),
            )
        if lacks_country(employee, self.connection):
            return Default(NO_LICENCE, _("A licence needs the country. Fill it in on the Profile first."))
        fitting = [licence for licence in self.connection.licences if licence.get("qualifies") and has_seat(licence)]
        if not fitting:
            return Default(None, _("No seat is left on %(licence)s: choose what to do.", licence=words.licence))
        counted = [licence for licence in fitting if licence["free"] is not None]
        if not counted:
            return Default(None, _("No default licence is set: choose one."))
        likely = max(counted, key=lambda licence: (licence.get("used") or 0, licence["free"]))
        return Default(
            likely["id"],
            _("No default licence is set, so we suggest the one that most people have.")
            if likely.get("used")
            else _("No default licence is set, so we suggest the one with the most free seats."),
        )

    def _still_offered(self, licence_id: str, reason: str) -> Default:
        if is_known(self.connection, licence_id):
            return Default(licence_id, reason)
        return Default(
            None,
            joined(
                _(
                    "%(licence)s is no longer offered to your organisation.",
                    licence=name_of(self.connection, licence_id),
                ),
                reason,
            ),
        )


def default_for(employee: Employee, connection: Connection) -> Default:
    """The licence this employee gets unless a user chooses another."""
    return Defaults(connection).of(employee)


def country_for(employee: Employee) -> str:
    """Where the licence is used: the employee's country, else the organisation's; empty when neither is known."""
    return employee.country or employee.organisation.country or ""


def lacks_country(employee: Employee, connection: Connection) -> bool:
    """Whether the employee can be given no licence there, since no country is known."""
    return SERVICES[connection.service].capabilities.licence_needs_country and not country_for(employee)


def country_to_send(employee: Employee, connection: Connection) -> str:
    """The country that an account is given with its licence; empty where licences need none."""
    return country_for(employee) if SERVICES[connection.service].capabilities.licence_needs_country else ""


@dataclass(frozen=True)
class Held:
    """A licence that an account has. inherited: it comes from a group, so the portal never takes it."""

    licence_id: str
    name: str
    inherited: bool


def held_by(account: Account) -> list[Held]:
    """What the account has, as last read."""
    connection = account.connection
    own = account.licence_ids if account.own_licence_ids is None else account.own_licence_ids
    return [Held(key, name, key not in own) for key, name in names_of(connection, account.licence_ids).items()]


def remember(account: Account, remote: RemoteAccount) -> None:
    """Note on the account, unsaved, what was read of its licences. Some answers do not say which are its own.

    Others do not have them at all: then what was known of them stays.
    """
    if remote.licence_ids is None:
        return
    account.licence_ids = sorted(remote.licence_ids)
    if remote.own_licence_ids is not None:
        account.own_licence_ids = sorted(remote.own_licence_ids & remote.licence_ids)
    elif account.own_licence_ids is not None:
        account.own_licence_ids = [
            licence_id for licence_id in account.own_licence_ids if licence_id in remote.licence_ids
        ]


def may_have_come(account: Account) -> bool:
    """Whether the application may have assigned licences that the portal has not seen yet."""
    connection = account.connection
    can = SERVICES[connection.service].capabilities
    asked = can.licences_come_by_themselves and can.licences_may_be_seen(frozenset(connection.permissions))
    return asked and bool(account.enabled) and not account.licence_ids


def own_of(account: Account) -> dict[str, str]:
    """The account's licences that no group gives: licence id -> name."""
    return {held.licence_id: held.name for held in held_by(account) if not held.inherited}


def to_take(account: Account) -> dict[str, str]:
    """Licences that a deactivation takes away, by the organisation's choice: licence id -> name."""
    return own_of(account) if settings_of(account.connection).licences_go_on_deactivate else {}
