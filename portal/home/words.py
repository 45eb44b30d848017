"""The words of Home: what was done, as one would tell it."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.connectors import SERVICES
from portal.import_plans.summary import outcome
from portal.languages import N_, begun, ngettext
from portal.languages import gettext as _
from portal.operations.models import WORDS, State
from portal.operations.requests import Verb

# Done; under way or waiting; not done.
DID: Mapping[str, tuple[str, str, str]] = {
    Verb.CREATE: (
        N_("Created an account for %(name)s"),
        N_("Creating an account for %(name)s"),
        N_("No account was created for %(name)s"),
    ),
    Verb.DEACTIVATE: (N_("Deactivated %(name)s"), N_("Deactivating %(name)s"), N_("%(name)s was not deactivated")),
    Verb.REACTIVATE: (N_("Reactivated %(name)s"), N_("Reactivating %(name)s"), N_("%(name)s was not reactivated")),
    Verb.ALLOW: (
        N_("Allowed the sign-in of %(name)s"),
        N_("Allowing the sign-in of %(name)s"),
        N_("The sign-in of %(name)s was not allowed"),
    ),
    Verb.PASS: (N_("Made a pass for %(name)s"), N_("Making a pass for %(name)s"), N_("No pass was made for %(name)s")),
    Verb.PICTURE: (
        N_("Set the picture of %(name)s"),
        N_("Setting the picture of %(name)s"),
        N_("The picture of %(name)s was not set"),
    ),
    Verb.RENAME: (
        N_("Changed the username of %(name)s"),
        N_("Changing the username of %(name)s"),
        N_("The username of %(name)s was not changed"),
    ),
    Verb.LEAVE: (
        N_("Blocked the leaver %(name)s"),
        N_("Blocking the leaver %(name)s"),
        N_("The leaver %(name)s was not blocked"),
    ),
    Verb.FREE_LICENCES: (
        N_("Took the licences of %(name)s away"),
        N_("Taking the licences of %(name)s away"),
        N_("The licences of %(name)s were not taken away"),
    ),
    Verb.UNDO_LEAVE: (
        N_("Undid the leaving of %(name)s"),
        N_("Undoing the leaving of %(name)s"),
        N_("The leaving of %(name)s was not undone"),
    ),
    Verb.BEGIN_ABSENCE: (
        N_("Began the leave of absence of %(name)s"),
        N_("Beginning the leave of absence of %(name)s"),
        N_("The leave of absence of %(name)s did not begin"),
    ),
    Verb.END_ABSENCE: (
        N_("Ended the leave of absence of %(name)s"),
        N_("Ending the leave of absence of %(name)s"),
        N_("The leave of absence of %(name)s did not end"),
    ),
    Verb.GROUPS: (
        N_("Changed the groups of %(name)s"),
        N_("Changing the groups of %(name)s"),
        N_("The groups of %(name)s were not changed"),
    ),
    Verb.LICENCE: (
        N_("Changed the licences of %(name)s"),
        N_("Changing the licences of %(name)s"),
        N_("The licences of %(name)s were not changed"),
    ),
    Verb.RESEND: (
        N_("Sent login information to %(name)s"),
        N_("Preparing login information for %(name)s"),
        N_("No login information was sent to %(name)s"),
    ),
    Verb.LINK: (
        N_("Linked an existing account to %(name)s"),
        N_("Linking an account to %(name)s"),
        N_("No account was linked to %(name)s"),
    ),
    Verb.RESTORE: (
        N_("Restored the account of %(name)s"),
        N_("Restoring the account of %(name)s"),
        N_("The account of %(name)s was not restored"),
    ),
    Verb.UNLINK: (
        N_("Unlinked the account of %(name)s"),
        N_("Unlinking the account of %(name)s"),
        N_("The account of %(name)s was not unlinked"),
    ),
    Verb.UPDATE: (
        N_("Updated the account of %(name)s"),
        N_("Updating the account of %(name)s"),
        N_("The account of %(name)s was not updated"),
    ),
}

# Done, where the page is about the one person.
DID_ALONE: Mapping[str, str] = {
    Verb.CREATE: _("Account created"),
    Verb.DEACTIVATE: _("Account deactivated"),
    Verb.REACTIVATE: _("Account reactivated"),
    Verb.ALLOW: _("Sign-in allowed"),
    Verb.PASS: _("Temporary Access Pass made"),
    Verb.PICTURE: _("Picture set"),
    Verb.RENAME: _("Username changed"),
    Verb.LEAVE: _("Account blocked for leaving"),
    Verb.FREE_LICENCES: _("Licences taken away"),
    Verb.UNDO_LEAVE: _("Leaving undone"),
    Verb.BEGIN_ABSENCE: _("Leave of absence begun"),
    Verb.END_ABSENCE: _("Leave of absence ended"),
    Verb.GROUPS: _("Groups changed"),
    Verb.LICENCE: _("Licences changed"),
    Verb.RESEND: _("Login information sent"),
    Verb.LINK: _("Existing account linked"),
    Verb.RESTORE: _("Deleted account restored"),
    Verb.UNLINK: _("Account unlinked"),
    Verb.UPDATE: _("Account updated"),
}


def did(verb: str, state: str, name: str) -> str:
    """What an operation did for the person of this name, is doing, or did not do."""
    if verb not in DID:
        return _("%(label)s: %(text)s", label=verb.capitalize(), text=name)
    done, doing, not_done = DID[verb]
    words = {State.DONE: done, State.WAITING: doing, State.RUNNING: doing}.get(State(state), not_done)
    return _(words, name=name)


def did_alone(verb: str) -> str:
    """What an operation did, where it is clear for whom."""
    return DID_ALONE.get(verb) or begun(WORDS[verb])


# A bulk action that is over: for one, for many.
DID_MANY: Mapping[str, Callable[[int], str]] = {
    Verb.CREATE: lambda count: ngettext("Created %(num)s account", "Created %(num)s accounts", count),
    Verb.LINK: lambda count: ngettext("Linked %(num)s account", "Linked %(num)s accounts", count),
    Verb.DEACTIVATE: lambda count: ngettext("Deactivated %(num)s account", "Deactivated %(num)s accounts", count),
    Verb.REACTIVATE: lambda count: ngettext("Reactivated %(num)s account", "Reactivated %(num)s accounts", count),
    Verb.RESEND: lambda count: ngettext(
        "Sent login information to %(num)s person", "Sent login information to %(num)s people", count
    ),
    Verb.UPDATE: lambda count: ngettext("Updated %(num)s account", "Updated %(num)s accounts", count),
    Verb.LICENCE: lambda count: ngettext(
        "Changed the licences of %(num)s person", "Changed the licences of %(num)s people", count
    ),
}


def did_many(verb: str, count: int) -> str:
    """ "Created 30 accounts": what a bulk action did."""
    return DID_MANY[Verb(verb)](count)


def _imported(entry: Any) -> str:
    counts = entry.detail or {}
    added, changed = (_count(counts.get(name)) for name in ("added", "changed"))
    return _("Imported employees: %(outcome)s", outcome=outcome(added, changed))


def _count(value: Any) -> int:
    return value if isinstance(value, int) else len(value) if isinstance(value, (list, dict)) else 0


def _application(entry: Any) -> str:
    service = SERVICES.get((entry.detail or {}).get("service", ""))
    name = service.name if service else _("an application")
    return _("%(application)s (%(name)s)", application=name, name=entry.subject_name) if entry.subject_name else name


# Lines of the audit log that Home tells too: action -> its words here.
OF_THE_LOG: Mapping[str, Callable[[Any], str]] = {
    "import employees": _imported,
    "add employee": lambda entry: _("Added %(name)s to the Employee List", name=entry.subject_name or _("an employee")),
    "connect add-on": lambda entry: _("Connected %(application)s", application=_application(entry)),
    "disconnect add-on": lambda entry: _("Disconnected %(application)s", application=_application(entry)),
    "status changed in the tenant": lambda entry: _(
        "%(name)s changed status outside the portal", name=entry.subject_name or _("An account")
    ),
    "invite user": lambda entry: _("Invited %(name)s", name=entry.subject_name or _("a user")),
    "deactivate user": lambda entry: _(
        "%(name)s may no longer sign in to the portal", name=entry.subject_name or _("A user")
    ),
}
