"""Mailed links that work once: an invitation, and a new password. Only the hash of a link is kept."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from peewee import IntegrityError

from portal import audit, mail
from portal.auth import actions, passwords, proof
from portal.auth.models import AccessLevel, Invitation, PasswordReset, User, hash_of, new_token
from portal.clock import lately
from portal.config import settings
from portal.database import lock_row, now, transaction
from portal.languages import ENGLISH, speaking, spoken_by
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem

INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=1)
RESETS_PER_HOUR = 3
NOT_ANSWERED = _("The mail server has not accepted the email yet.")


class LinkSpent(Problem):
    message = _("The link has been used, has expired, or is incomplete.")
    status = 404
    title = _("This link no longer works")
    next_step = _("Ask an Admin of your organisation for a new invitation, or choose “Forgot your password?” again.")


class InvitationGone(Problem):
    message = _("The person accepted this invitation, or an Admin withdrew it, so the portal sent nothing.")


def _address(token: str) -> str:
    """The mailed address. The token is in its query, which no log of the portal shows."""
    return f"{settings().public_url.rstrip('/')}/set-password?{urlencode({'token': token})}"


def invitations_of(organisation: Organisation) -> list[Invitation]:
    return list(Invitation.select().where(Invitation.organisation == organisation).order_by(Invitation.email))


def made_by(user: User) -> list[Invitation]:
    """Invitations that would go if this user were no Admin any more."""
    return list(Invitation.select().where(Invitation.invited_by == user).order_by(Invitation.email))


def invite(
    organisation: Organisation, email: str, name: str, access_level: AccessLevel, *, part: str = "",
    part_value: str = "", by: User,
) -> Invitation:  # fmt: skip
    """Invite a person to become a user; write_invitation() and send_invitation() mail it. Raises UserRefused.

    part, part_value: as the columns of User.

    An address that signs in at another organisation is invited like any other: no Admin learns here that it does.
    """
    email = actions.plain_email(email)
    if User.select().where(User.email == email, User.organisation == organisation).exists():
        raise actions.UserRefused(_("Another user already signs in as %(email)s.", email=email))
    try:
        with transaction():
            proof.hold_actor(by)
            invitation = Invitation.create(
                organisation=organisation, email=email, name=name, access_level=access_level, part=part,
                part_value=part_value, token_hash=hash_of(new_token()), invited_by=by,
            )  # fmt: skip
            audit.record(
                by, "invite user", invitation, organisation=organisation, email=email, access_level=str(access_level),
                **({part: part_value} if part else {}),
            )  # fmt: skip
    except IntegrityError:
        raise actions.UserRefused(_("%(email)s is invited already.", email=email)) from None
    return invitation


def write_invitation(invitation: Invitation, *, by: User) -> mail.Mail:
    """A mail with a fresh link, for send_invitation; an earlier link stops working. Raises mail.NotSent."""
    token = new_token()
    with speaking(invitation.organisation.language or ENGLISH):
        message = mail.invitation(
            recipient=invitation.email, name=invitation.name, organisation=invitation.organisation.name,
            inviter=by.display_name, link=_address(token),
        )  # fmt: skip
    with transaction():
        proof.hold_actor(by)
        fresh = {
            "token_hash": hash_of(token), "created_at": now(), "invited_by": by.id, "mail_problem": NOT_ANSWERED,
        }  # fmt: skip
        if not Invitation.update(fresh).where(Invitation.id == invitation.id).execute():
            raise InvitationGone()
        audit.record(by, "send invitation", invitation, email=invitation.email)
    return message


def send_invitation(invitation: Invitation, message: mail.Mail) -> None:
    """Send it, in a thread for mails. Why it is not certain that it arrived is kept. Raises mail.NotSent."""
    problem = ""
    try:
        mail.send(message)
    except mail.NotSent as error:
        problem = error.message
        raise
    finally:
        Invitation.update(mail_problem=problem).where(Invitation.id == invitation.id).execute()


def withdraw(invitation: Invitation, *, by: User | str) -> None:
    """The invitation's link stops working."""
    with transaction():
        proof.hold_actor(by)
        Invitation.delete().where(Invitation.id == invitation.id).execute()
        audit.record(by, "withdraw invitation", invitation, email=invitation.email)


def send_reset(user: User) -> bool:
    """Mail the user a link to a new password; False when they had several within the hour.

    To be called in a thread for mails. Raises mail.NotSent.
    """
    token = new_token()
    with transaction():
        lock_row(Organisation, user.organisation_id)
        recent = PasswordReset.select().where(PasswordReset.user == user, lately(PasswordReset.created_at, RESET_LASTS))
        if not User.get_by_id(user.id).enabled or recent.count() >= RESETS_PER_HOUR:
            return False
        PasswordReset.create(user=user, token_hash=hash_of(token))
        audit.record("portal", "send password reset", user)
    mail_reset(user, _address(token))
    return True


def new_reset(user: User, *, by: str) -> str:
    """The address at which the user chooses a new password, made by an operator, who is not held to so many an hour."""
    token = new_token()
    with transaction():
        PasswordReset.create(user=user, token_hash=hash_of(token))
        audit.record(by, "send password reset", user)
    return _address(token)


def mail_reset(user: User, link: str) -> None:
    """Raises mail.NotSent."""
    with speaking(spoken_by(user)):
        message = mail.password_reset(recipient=user.email, name=user.display_name, link=link)
    mail.send(message)


def find(token: str) -> Invitation | PasswordReset:
    """What the link is for. Raises LinkSpent."""
    digest = hash_of(token)
    invitation = Invitation.get_or_none(
        Invitation.token_hash == digest, lately(Invitation.created_at, INVITATION_LASTS), _vouched_for()
    )
    reset = (
        PasswordReset.select(PasswordReset, User)
        .join(User)
        .where(
            PasswordReset.token_hash == digest,
            lately(PasswordReset.created_at, RESET_LASTS),
            PasswordReset.used_at.is_null(),
            User.enabled == True,  # noqa: E712
        )
        .first()
    )
    if not token or not (invitation or reset):
        raise LinkSpent()
    return invitation or reset


def works(token: str) -> bool:
    try:
        return bool(find(token))
    except LinkSpent:
        return False


def _vouched_for() -> Any:
    """Invitations whose inviter is an Admin still. Some from before the portal kept the inviter have none."""
    admins = User.select(User.id).where(User.access_level == AccessLevel.ADMIN, User.enabled == True)  # noqa: E712
    return Invitation.invited_by.is_null() | Invitation.invited_by.in_(admins)


def use(token: str, password: str) -> User:
    """Set the password the link is for, and spend the link. Raises LinkSpent, PasswordRefused or UserRefused."""
    found = find(token)
    return _accept(found, password) if isinstance(found, Invitation) else _reset(found, password)


def _reset(reset: PasswordReset, password: str) -> User:
    password_hash = passwords.hashed(password, context=actions.context_of(reset.user))
    with transaction():
        lock_row(Organisation, reset.user.organisation_id)
        if not User.get_by_id(reset.user_id).enabled:
            raise LinkSpent()
        spent = PasswordReset.update(used_at=now()).where(PasswordReset.id == reset.id, PasswordReset.used_at.is_null())
        if not spent.execute():
            raise LinkSpent()
        actions.replace_password(reset.user, password_hash, by="mailed link")
    return reset.user


def _accept(invitation: Invitation, password: str) -> User:
    organisation = invitation.organisation
    context = (invitation.email, invitation.name, organisation.name)
    password_hash = passwords.hashed(password, context=context)
    values = actions.as_employee(organisation, invitation.email)
    values["name"] = invitation.name or values["name"]
    try:
        with transaction():
            lock_row(Organisation, organisation.id)
            # Also the token: a fresh link may have been sent in the meantime, or its Admin have been deactivated.
            mine = (Invitation.id == invitation.id) & (Invitation.token_hash == invitation.token_hash)
            if not Invitation.delete().where(mine, _vouched_for()).execute():
                raise LinkSpent()
            user = User.create(
                organisation=organisation, email=invitation.email, password_hash=password_hash,
                access_level=invitation.access_level, part=invitation.part, part_value=invitation.part_value, **values,
            )  # fmt: skip
            audit.record(user, "accept invitation", user, email=user.email, access_level=user.access_level)
    except IntegrityError:
        raise actions.UserRefused(
            _("You already sign in to the portal as %(email)s, with another organisation.", email=invitation.email),
            _("Ask for an invitation to another address."),
        ) from None
    return user
