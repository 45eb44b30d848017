"""What a connected application can do, what it asks for first, and how it is spoken of: data, read by forms and pages.

The defaults describe an application that can do everything and asks for nothing, so a service says what is different.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.languages import gettext as _

# As long as an address, which some applications know their accounts by.
LONGEST_ACCOUNT_ID = 320
# What giving no licence is called where no licence comes automatically.
GIVES_NONE = _("No licence")


class Way(StrEnum):
    """How an organisation connects its tenant."""

    # An administrator signs in there, and then gives consent on a second page.
    SIGN_IN_THEN_CONSENT = "sign in, then consent"
    # The sign-in gives consent as well, and brings a credential of the connection.
    SIGN_IN = _("sign in")
    # An administrator types a key that was made there: it is the credential of the connection.
    KEY = "key"


@dataclass(frozen=True, slots=True)
class LocalPartRules:
    """What is allowed before the @. longest: characters. allowed: the inside of a regular expression's [ ], small."""

    longest: int = 64
    allowed: str = "a-z0-9._-"

    def fitted(self, text: str, *, room: int = 0) -> str:
        """The beginning of the text that fits, with room for so many more characters. It ends in a letter or digit."""
        kept = re.sub(f"[^{self.allowed}]", "", text)
        return kept[: self.longest - room].strip("._-")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an application can do with accounts.

    ways_to_connect: the first one is offered. signs_people_in: users of the portal may sign in with it.
    has_licences: people need one there. licence_needs_country: it gives none before it knows the country.
    licences_come_by_themselves: an account that is given none gets what the application itself assigns. licences_need:
    any of these permissions, where a connection may be without. has_units: accounts are made in a part of the tenant
    that is chosen. has_sessions: open sessions can be ended; sessions_need: any of these permissions, where not every
    connection has it. restores: a deleted account can be taken back; restores_renamed: under another name too.
    may_sign_in_elsewhere: people may sign in there through another identity provider, which the application does
    not tell. frees_deleted_names: the name of a deleted account can be given away, and the account is lost by that.
    has_mailbox: the portal can see and change automatic replies and rules of a mailbox; mailbox_needs: any of these
    permissions, where not every connection has it. has_groups: accounts can join groups and leave them;
    groups_give_licences: a group can give its members a licence; groups_need, owners_need: any of these permissions,
    for members and for owners. has_passes: people can sign in with a pass instead of a password; passes_need: one of
    each of these permissions. has_pictures: an account has a picture, which the portal can change; pictures_need: any
    of these permissions. account_id: what the id of an account looks like, whole; at most LONGEST_ACCOUNT_ID
    characters.
    """

    ways_to_connect: tuple[Way, ...] = (Way.SIGN_IN_THEN_CONSENT,)
    signs_people_in: bool = True
    has_licences: bool = True
    licence_needs_country: bool = False
    licences_come_by_themselves: bool = False
    licences_need: tuple[str, ...] = ()
    has_units: bool = False
    has_sessions: bool = True
    sessions_need: tuple[str, ...] = ()
    restores: bool = True
    restores_renamed: bool = True
    may_sign_in_elsewhere: bool = False
    frees_deleted_names: bool = False
    has_mailbox: bool = False
    mailbox_needs: tuple[str, ...] = ()
    has_groups: bool = True
    groups_give_licences: bool = True
    groups_need: tuple[str, ...] = ()
    owners_need: tuple[str, ...] = ()
    has_passes: bool = False
    passes_need: tuple[tuple[str, ...], ...] = ()
    has_pictures: bool = False
    pictures_need: tuple[str, ...] = ()
    local_part: LocalPartRules = LocalPartRules()
    account_id: re.Pattern[str] = re.compile(r"[\w-]{1,64}", re.ASCII)

    def hands_out_passes(self, granted: Iterable[str]) -> bool:
        """Whether passes can be made over a connection with these permissions."""
        held = set(granted)
        return self.has_passes and all(held & set(names) for names in self.passes_need)

    @property
    def way(self) -> Way:
        return self.ways_to_connect[0]

    def licences_may_be_seen(self, granted: frozenset[str]) -> bool:
        return not self.licences_need or bool(granted & set(self.licences_need))


# A value of the HR record, in the middle of a sentence.
FIELD_WORDS = {
    "display_name": _("display name"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "job_title": _("job title"),
    "department": _("department"),
    "location": _("location"),
    "employment_type": _("employment type"),
    "employee_number": _("employee number"),
    "mobile": _("mobile"),
    "manager": _("manager"),
    "personal_email": _("personal email"),
    "company_email": _("company email"),
    "country": _("country"),
    "start_date": _("start date"),
    "end_date": _("end date"),
    "username": _("username"),
    "password": _("password"),
}


def field_words(name: str) -> str:
    """ "job title" for job_title."""
    return FIELD_WORDS.get(name) or name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Labels:
    """What the menu of a card calls its verbs, as the application’s users know them. An empty one is left out."""

    create: str = ""
    link: str = _("Link existing account")
    unlink: str = _("Unlink")
    deactivate: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """How an application is spoken of. Sentences end with a full stop; an empty one is left out.

    sign_in: the label of the button that connects it, "Sign in with …"; sign_in_help: what to do when the page behind
    it refuses; user_sign_in: the label of the button with which users of the portal sign in, where that is another;
    administrator: as whom. key:
    what the typed credential is called there, and key_help where to make one. console: where its administrators work.
    deleted: where deleted accounts are kept for a while. no_licence: what giving none is called. unit: what a part of
    the tenant is called, units: the tab about them. requirement: what a company must have bought, "Business Standard
    or …". licence: what a useful licence is called, "a licence with a mailbox". licence_loss: what becomes of an
    account whose licences are taken away. sessions: what ending them does, and how long it takes. blocked: what else
    follows when an account is deactivated. kept: what stays then; kept_without_licences: what stays when its licences
    go. restored: what comes back with a deleted account. kept_deleted: for how long it can be restored.
    renamed: what else another username changes, as sentences. primary_address: where the address that mail goes out
    from is chosen, as a sentence. shared_mailbox: how a person makes a mailbox a shared one, as a sentence, and the
    command for it, with {address}.
    menu: the labels of the card's menu.
    """

    console: str
    sign_in: str = ""
    sign_in_help: str = ""
    user_sign_in: str = ""
    administrator: str = _("an administrator")
    key: str = ""
    key_help: str = ""
    deleted: str = _("recycle bin")
    no_licence: str = GIVES_NONE
    unit: str = ""
    units: str = ""
    requirement: str = ""
    licence: str = _("a licence that covers it")
    licence_loss: str = ""
    sessions: str = ""
    blocked: str = ""
    kept: str = _("The account and everything in it")
    kept_without_licences: str = _("Groups")
    restored: str = _("all that was in it")
    renamed: tuple[str, ...] = ()
    primary_address: str = _("Ask your IT team.")
    shared_mailbox: str = ""
    shared_mailbox_command: str = ""
    kept_deleted: str = ""
    menu: Labels = Labels()

    @property
    def signs_in(self) -> str:
        """The label of the button with which users of the portal sign in."""
        return self.user_sign_in or self.sign_in
