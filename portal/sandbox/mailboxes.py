"""Mailboxes as Exchange has them: whom it has one for, what a licence that goes takes with it, and shared ones.

https://learn.microsoft.com/microsoft-365/admin/add-users/remove-former-employee and
https://learn.microsoft.com/microsoft-365/admin/email/convert-user-mailbox-to-shared-mailbox
"""

from portal.sandbox.refusals import Refusal, bad_request
from portal.sandbox.rules import licences
from portal.sandbox.state import State, Tenant, User, people
from portal.sandbox.state.models import Mailbox

SHARED, OF_A_PERSON = "shared", "user"
KEPT_FOR = 30 * 86400.0


def of(user: User) -> Mailbox:
    """What was changed in the mailbox; a row that is not kept yet where nothing was."""
    return Mailbox.get_or_none(Mailbox.user == user.id) or Mailbox(user=user.id)


def keep(mailbox: Mailbox) -> None:
    known = Mailbox.select().where(Mailbox.user == mailbox.user).exists()
    mailbox.save(force_insert=not known)


def licensed(tenant: Tenant, user: User) -> bool:
    return licences.has_mailbox(tenant, user.body.get("licenseAssignmentStates") or [])


def exists(tenant: Tenant, user: User) -> bool:
    """A shared mailbox needs no licence. One whose licence went cannot be reached, long before it is deleted."""
    if user.mailbox_due is not None:
        return False
    return licensed(tenant, user) or of(user).purpose == SHARED


def open_of(tenant: Tenant, user: User) -> Mailbox:
    """The mailbox of a user. Raises Refusal where there is none."""
    if not exists(tenant, user):
        raise Refusal(
            404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        )
    return of(user)


def follow(state: State, tenant: Tenant, user: User, *, had: bool) -> None:
    """What a change of licences means for the mailbox. had: whether the user had a licence for one before."""
    mailbox = of(user)
    if licensed(tenant, user):
        if mailbox.ends is not None:
            mailbox.ends = None
            keep(mailbox)
    elif had and mailbox.purpose != SHARED:
        mailbox.ends = state.clock.time() + KEPT_FOR
        state.wake_at(mailbox.ends)
        keep(mailbox)


def convert(tenant: Tenant, user: User, purpose: str) -> None:
    """To a shared mailbox, or back to that of a person. Raises Refusal."""
    mailbox = open_of(tenant, user)
    if purpose == OF_A_PERSON and not licensed(tenant, user):
        raise bad_request("Assign a licence to this user before you convert the shared mailbox to a regular mailbox.")
    mailbox.purpose = purpose
    keep(mailbox)


def settle(state: State) -> None:
    """Those whose days are over: mail, settings and rules are gone, and of the addresses only the first is left."""
    for mailbox in Mailbox.select().where(Mailbox.ends <= state.clock.time()):
        mailbox.delete_instance()
        user = User.get_or_none(User.id == mailbox.user)
        if user is not None and user.deleted_at is None:
            first = [item for item in user.body.get("proxyAddresses") or () if item.startswith("SMTP:")]
            user.body["proxyAddresses"] = first
            people.save(state, user, ("proxyAddresses",))
