"""What was seen ahead, in sentences."""

from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.values import Protection
from portal.foresight.models import Foresight
from portal.languages import gettext as _
from portal.templating import local_time
from portal.theirs.rules import PROTECTED

# What a person does about an account that the portal leaves alone. {console}: where the administrators work.
INSTEAD = {
    Protection.ADMINISTRATOR: "Have the role taken away in the {console} before then, or do these steps there.",
    Protection.SYNCED: _("Have these steps done in your own directory."),
    Protection.GUEST: "Have the guest removed in the {console}, or skip these steps.",
    Protection.OURSELVES: _("Connect with the account of another administrator before then."),
    Protection.DELETED: _("Restore it before then, or skip these steps."),
}


def barred(seen: Foresight, connection: Connection) -> str:
    """Why the portal will not change the account, and what to do; empty when it will."""
    return of_protection(seen.barred, connection) if seen.barred else ""


def of_protection(barred: str, connection: Connection) -> str:
    protection, console = Protection(barred), SERVICES[connection.service].words.console
    return f"{PROTECTED[protection]} {INSTEAD[protection].format(console=console)}"


def groups(seen: Foresight | None, connection: Connection) -> list[str]:
    """What will become of the groups that the portal does not take the account out of on the last day."""
    if not connection.is_live:
        unread = _(
            "%(service_name)s is not connected, so we cannot read the groups now.", service_name=connection.service_name
        )
        return [unread, *(_known(seen) if seen else [])]
    if seen is None:
        return [_("The groups have not been read yet. Open this page again in a minute.")]
    if seen.problem:
        return [_("We couldn’t read the groups. %(problem)s", problem=seen.problem), *_known(seen)]
    if seen.out_of_reach is None:
        return [_("The portal may not see the groups, so the account stays in them.")]
    return _known(seen)


def _known(seen: Foresight) -> list[str]:
    found: list[str] = [
        _("The group %(name)s stays. %(why_not)s", name=name, why_not=why_not)
        for name, why_not in (seen.out_of_reach or {}).items()
    ]
    found += [
        _("The group %(name)s stays until the licences go: it gives one.", name=name) for name in seen.licensing or ()
    ]
    return (
        [*found, _("Groups as of %(local_time)s.", local_time=local_time(seen.seen_at))]
        if found and seen.seen_at
        else found
    )
