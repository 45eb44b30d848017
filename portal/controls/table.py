"""The settings that hold people back, as data: where each is kept, and which of two values is the weaker one.

A new setting of this kind gets a row here, and its form gives its value to `views.give` and to nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.auth import linked_sign_ins
from portal.connections.settings import AddOnSettings
from portal.connectors import SERVICES
from portal.languages import gettext as _
from portal.languages import ngettext, pgettext
from portal.mail.choices import BY_LINK, IN_MAIL, MailSettings
from portal.organisations.models import Organisation

Value = int | bool | str
MOST_PEOPLE = 1_000_000


@dataclass(frozen=True)
class Control:
    """One setting. label: as its page names it. endpoint: of that page, with `place`. action: in the audit log.

    read, write: of an organisation; both run inside the transaction of the change. weaker(before, after). words: of a
    value. parse: a value from an address; None for what cannot be one.
    """

    label: str
    endpoint: str
    action: str
    read: Callable[[Organisation], Value]
    write: Callable[[Organisation, Value], None]
    weaker: Callable[[Any, Any], bool]
    words: Callable[[Any], str]
    parse: Callable[[str], Value | None]
    place: tuple[tuple[str, str], ...] = ()


def people(count: int) -> str:
    return ngettext("%(num)s person", "%(num)s people", count)


def _number(text: str) -> int | None:
    plain = text.isascii() and text.isdigit() and len(text) <= 7
    return int(text) if plain and int(text) <= MOST_PEOPLE else None


def _switch(text: str) -> bool | None:
    return {"on": True, "off": False}.get(text)


def _on_or_off(value: bool) -> str:
    return pgettext("setting", "On") if value else pgettext("setting", "Off")


def turned_off(before: bool, after: bool) -> bool:
    return before and not after


def turned_on(before: bool, after: bool) -> bool:
    return after and not before


def _column(name: str) -> dict[str, Any]:
    """How a column of the organisation itself is read and written."""

    def write(organisation: Organisation, value: Value) -> None:
        Organisation.update({name: value}).where(Organisation.id == organisation.id).execute()
        setattr(organisation, name, value)

    return {"read": lambda organisation: getattr(Organisation.get_by_id(organisation.id), name), "write": write}


def _way_in(service: str) -> dict[str, Any]:
    column = _column("sign_in_with")

    def read(organisation: Organisation) -> Value:
        return service in str(column["read"](organisation)).split()

    def write(organisation: Organisation, allowed: Value) -> None:
        others = [key for key in str(column["read"](organisation)).split() if key != service]
        column["write"](organisation, " ".join([*others, service] if allowed else others))
        if not allowed:
            linked_sign_ins.end_sessions(organisation.id, service)

    return {"read": read, "write": write}


def _mail_column(name: str) -> dict[str, Any]:
    def read(organisation: Organisation) -> Value:
        return getattr(MailSettings.get_or_none(MailSettings.organisation == organisation) or MailSettings(), name)

    def write(organisation: Organisation, value: Value) -> None:
        MailSettings.insert(organisation=organisation, texts={}).on_conflict_ignore().execute()
        MailSettings.update({name: value}).where(MailSettings.organisation == organisation).execute()

    return {"read": read, "write": write}


def _add_on_column(service: str, name: str) -> dict[str, Any]:
    def mine(organisation: Organisation) -> Any:
        return (AddOnSettings.organisation == organisation) & (AddOnSettings.service == service)

    def read(organisation: Organisation) -> Value:
        return getattr(AddOnSettings.get_or_none(mine(organisation)) or AddOnSettings(), name)

    def write(organisation: Organisation, value: Value) -> None:
        AddOnSettings.insert(organisation=organisation, service=service).on_conflict_ignore().execute()
        AddOnSettings.update({name: value}).where(mine(organisation)).execute()

    return {"read": read, "write": write}


CONTROLS: dict[str, Control] = {
    "approval_above": Control(
        _("Ask a second Admin to approve bulk actions for more than"), "organisations.general_settings",
        "change number for approval", weaker=lambda before, after: after > before, words=people, parse=_number,
        **_column("approval_above"),
    ),
    "admins_need_second_factor": Control(
        _("Two-step sign-in required for Admins"), "users.user_list", "require second factor of Admins",
        weaker=turned_off, words=_on_or_off, parse=_switch, **_column("admins_need_second_factor"),
    ),
    "outside_sign_in_required": Control(
        _("Users have to sign in with a connected application"), "users.user_list", "require sign-in elsewhere",
        weaker=turned_off, words=_on_or_off, parse=_switch, **_column("outside_sign_in_required"),
    ),
    "hand_over": Control(
        _("How the password is handed over"), "mail.show", "change hand-over",
        weaker=lambda before, after: before == BY_LINK and after == IN_MAIL,
        words=lambda value: {IN_MAIL: _("In the email"), BY_LINK: _("By a link that shows it once")}[value],
        parse=lambda text: text if text in (IN_MAIL, BY_LINK) else None, **_mail_column("hand_over"),
    ),
}  # fmt: skip


def way_in_key(service_key: str) -> str:
    return f"outside_sign_in {service_key}"


for _service in linked_sign_ins.able():
    CONTROLS[way_in_key(_service.key)] = Control(
        _("Users may sign in with %(application)s", application=_service.name), "users.user_list",
        "allow sign-in elsewhere", weaker=turned_on, words=_on_or_off, parse=_switch, **_way_in(_service.key),
    )  # fmt: skip


def licences_key(service_key: str) -> str:
    return f"licences_go_on_deactivate {service_key}"


for _service in (service for service in SERVICES.values() if service.capabilities.has_licences):
    CONTROLS[licences_key(_service.key)] = Control(
        _("Take %(application)s licences away when an account is deactivated", application=_service.name),
        "licence_settings.licences_tab",
        "change what leavers keep", weaker=turned_off, words=_on_or_off, parse=_switch,
        place=(("service_key", _service.key),), **_add_on_column(_service.key, "licences_go_on_deactivate"),
    )  # fmt: skip


def deleting_key(service_key: str) -> str:
    return f"may_delete {service_key}"


for _service in (service for service in SERVICES.values() if service.capabilities.restores):
    CONTROLS[deleting_key(_service.key)] = Control(
        _("Let %(application)s accounts be deleted", application=_service.name),
        "licence_settings.licences_tab", "let accounts be deleted",
        weaker=turned_on, words=_on_or_off, parse=_switch, place=(("service_key", _service.key),),
        **_add_on_column(_service.key, "may_delete"),
    )  # fmt: skip
