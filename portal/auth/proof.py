"""What a sign-in was proved with, compared once more inside the transaction that acts on it.

Comparing a password takes a tenth of a second. A write afterwards first makes sure that no process replaced the
password, turned on a second factor or withdrew the sign-in meanwhile. The organisation's row is the turnstile: every
change of a sign-in takes it before anything else, so nobody waits for two rows in two orders.
"""

from portal.auth.models import LinkedSignIn, Session, User
from portal.connections.models import Connection
from portal.database import lock_row
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem

PROVED = ("password_hash", "encrypted_totp", "enabled", "access_level", "part", "part_value", "endings")


class ProofOver(Problem):
    message = _("Your sign-in changed meanwhile, so the portal did nothing.")
    title = _("Your sign-in was changed")
    next_step = _("Sign in again, then try again.")


def hold(user: User, linked: LinkedSignIn | None = None) -> None:
    """Keep the user's sign-in as it is until this transaction ends. user: as read when the proof was compared.

    linked: the outside account that was used. Raises ProofOver when password, second factor, access level or permission
    to sign in differ by now; when the link is gone or not allowed any more; when all sessions, or this one, have ended.
    """
    lock_row(Organisation, user.organisation_id)
    current = User.get_by_id(user.id)
    changed = any(getattr(current, name) != getattr(user, name) for name in PROVED)
    linked_holds = linked is None or still_linked(linked)
    if changed or not current.enabled or not _session_lives(user) or not linked_holds:
        raise ProofOver()


def hold_actor(by: User | str) -> None:
    """As hold(), for a user who acts on others from a session of theirs; nothing for the command line or a job."""
    if isinstance(by, User) and by.session is not None:
        hold(by)


def still_linked(linked: LinkedSignIn) -> bool:
    """Whether the link is there, and its organisation allows it and is connected to that very tenant."""
    user = User.select(User, Organisation).join(Organisation).where(User.id == linked.user_id).get()
    return LinkedSignIn.select().where(LinkedSignIn.id == linked.id).exists() and allowed(
        user.organisation, linked.service, linked.tenant_id
    )


def allowed(organisation: Organisation, service_key: str, tenant_id: str) -> bool:
    """Whether users of the organisation may sign in with accounts of this tenant. organisation: freshly read."""
    connection = Connection.live_of(organisation, service_key)
    return service_key in organisation.ways_in and connection is not None and connection.tenant_id == tenant_id


def _session_lives(user: User) -> bool:
    return user.session is None or Session.select().where(Session.id == user.session.id).exists()
