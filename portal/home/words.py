"""The words of Home: what was done, as one would tell it."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.connectors import SERVICES
from portal.operations.models import State
from portal.operations.requests import Verb

# Done; under way or waiting; not done.
DID: Mapping[str, tuple[str, str, str]] = {
    Verb.CREATE: ("Created an account for {}", "Creating an account for {}", "No account was created for {}"),
    Verb.DEACTIVATE: ("Deactivated {}", "Deactivating {}", "{} was not deactivated"),
    Verb.REACTIVATE: ("Reactivated {}", "Reactivating {}", "{} was not reactivated"),
    Verb.ALLOW: (
        "Allowed the sign-in of {}", "Allowing the sign-in of {}", "The sign-in of {} was not allowed",
    ),
    Verb.PASS: ("Made a pass for {}", "Making a pass for {}", "No pass was made for {}"),
    Verb.PICTURE: ("Set the picture of {}", "Setting the picture of {}", "The picture of {} was not set"),
    Verb.RENAME: (
        "Changed the username of {}", "Changing the username of {}", "The username of {} was not changed",
    ),
    Verb.LEAVE: ("Blocked {}, who leaves", "Blocking {}, who leaves", "{} was not blocked for leaving"),
    Verb.FREE_LICENCES: (
        "Took the licences of {} away", "Taking the licences of {} away", "The licences of {} were not taken away",
    ),
    Verb.UNDO_LEAVE: ("Undid the leaving of {}", "Undoing the leaving of {}", "The leaving of {} was not undone"),
    Verb.BEGIN_ABSENCE: (
        "Began the leave of absence of {}", "Beginning the leave of absence of {}",
        "The leave of absence of {} did not begin",
    ),
    Verb.END_ABSENCE: (
        "Ended the leave of absence of {}", "Ending the leave of absence of {}",
        "The leave of absence of {} did not end",
    ),
    Verb.GROUPS: ("Changed the groups of {}", "Changing the groups of {}", "The groups of {} were not changed"),
    Verb.LICENCE: ("Changed the licences of {}", "Changing the licences of {}", "The licences of {} were not changed"),
    Verb.RESEND: (
        "Sent login information to {}", "Preparing login information for {}", "No login information was sent to {}"
    ),
    Verb.LINK: ("Linked an existing account to {}", "Linking an account to {}", "No account was linked to {}"),
    Verb.RESTORE: ("Restored the account of {}", "Restoring the account of {}", "The account of {} was not restored"),
    Verb.UNLINK: ("Unlinked the account of {}", "Unlinking the account of {}", "The account of {} was not unlinked"),
    Verb.UPDATE: ("Updated the account of {}", "Updating the account of {}", "The account of {} was not updated"),
}  # fmt: skip


def did(verb: str, state: str, name: str) -> str:
    """What an operation did for the person of this name, is doing, or did not do."""
    done, doing, not_done = DID.get(verb, (f"{verb.capitalize()}: {{}}",) * 3)
    words = {State.DONE: done, State.WAITING: doing, State.RUNNING: doing}.get(State(state), not_done)
    return words.format(name)


# A bulk action that is over: for one, for many.
DID_MANY: Mapping[str, tuple[str, str]] = {
    Verb.CREATE: ("Created {} account", "Created {} accounts"),
    Verb.LINK: ("Linked {} account", "Linked {} accounts"),
    Verb.DEACTIVATE: ("Deactivated {} account", "Deactivated {} accounts"),
    Verb.REACTIVATE: ("Reactivated {} account", "Reactivated {} accounts"),
    Verb.RESEND: ("Sent login information to {} person", "Sent login information to {} people"),
    Verb.UPDATE: ("Updated {} account", "Updated {} accounts"),
    Verb.LICENCE: ("Changed the licences of {} person", "Changed the licences of {} people"),
}


def did_many(verb: str, count: int) -> str:
    """ "Created 30 accounts": what a bulk action did."""
    return DID_MANY[Verb(verb)][count != 1].format(f"{count:,}")


def _imported(entry: Any) -> str:
    counts = entry.detail or {}
    added, changed = (_count(counts.get(name)) for name in ("added", "changed"))
    return f"Imported employees: {added:,} added, {changed:,} changed"


def _count(value: Any) -> int:
    return value if isinstance(value, int) else len(value) if isinstance(value, (list, dict)) else 0


def _application(entry: Any) -> str:
    service = SERVICES.get((entry.detail or {}).get("service", ""))
    name = service.name if service else "an application"
    return f"{name} ({entry.subject_name})" if entry.subject_name else name


# Lines of the audit log that Home tells too: action -> its words here.
OF_THE_LOG: Mapping[str, Callable[[Any], str]] = {
    "import employees": _imported,
    "add employee": lambda entry: f"Added {entry.subject_name or 'an employee'} to the Employee List",
    "connect add-on": lambda entry: f"Connected {_application(entry)}",
    "disconnect add-on": lambda entry: f"Disconnected {_application(entry)}",
    "status changed in the tenant": lambda entry: (
        f"{entry.subject_name or 'An account'} changed status outside the portal"
    ),
    "invite user": lambda entry: f"Invited {entry.subject_name or 'a user'}",
    "deactivate user": lambda entry: f"{entry.subject_name or 'A user'} may no longer sign in to the portal",
}
