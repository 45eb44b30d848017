"""Brings the mail with the login information to the employee: when due, once, and only while its password works."""

from datetime import datetime, timedelta
from email.message import EmailMessage

from portal import audit, mail, vault
from portal.connectors import SERVICES
from portal.database import now, transaction
from portal.logs import log
from portal.mail import choices, texts
from portal.provisioning import hand_over
from portal.provisioning.models import OPEN, Account, LoginMail, MailState, Operation, Status

LEASE = timedelta(seconds=60)
GIVE_UP_AFTER = 8


def due() -> list[LoginMail]:
    """Mails whose time has come, those that failed and may be tried again, and those left behind by a crash."""
    moment = now()
    query = LoginMail.select().where(
        LoginMail.state.in_((MailState.SCHEDULED, MailState.SENDING)), LoginMail.send_at <= moment, _free(moment)
    )
    return list(query.limit(500))


def _free(moment):
    return LoginMail.lease_until.is_null() | (LoginMail.lease_until < moment)


def deliver(login_mail: LoginMail) -> LoginMail:
    """Send the mail if it is due and nobody else is sending it; returns it as it then stands."""
    moment = now()
    claimed = (
        LoginMail.update(state=MailState.SENDING, lease_until=moment + LEASE, attempts=LoginMail.attempts + 1)
        .where(
            LoginMail.id == login_mail.id,
            LoginMail.state.in_((MailState.SCHEDULED, MailState.SENDING)),
            LoginMail.send_at <= moment,
            _free(moment),
        )
        .execute()
    )
    if claimed:
        _deliver_claimed(LoginMail.get_by_id(login_mail.id))
    return LoginMail.get_by_id(login_mail.id)


def _deliver_claimed(login_mail: LoginMail) -> None:
    account = login_mail.account
    if account.status != Status.ACTIVE:
        _settle(login_mail, MailState.CANCELLED, problem="The account is no longer active, so the mail was not sent.")
        return
    if hand_over.is_being_replaced(login_mail):
        _put_back(login_mail, now() + LEASE)
        return
    if login_mail.recipient != login_mail.goes_to:
        login_mail.recipient = login_mail.goes_to
        login_mail.save(only=[LoginMail.recipient])
    try:
        message = _compose(login_mail, account)
        _name(message, login_mail)
        mail.send(message)
    except mail.NotSent as error:
        log.warning("mail not sent", login_mail=login_mail.id, attempts=login_mail.attempts, reason=str(error))
        _try_again(login_mail, error)
    except Exception:
        log.exception("mail failed", login_mail=login_mail.id)
        _try_again(login_mail, mail.NotSent("The portal met an error it did not expect."))
    else:
        _settle(login_mail, MailState.TO_OPEN if login_mail.sealed_link else MailState.SENT, sent_at=now())


def _name(message: EmailMessage, login_mail: LoginMail) -> None:
    """Keep the Message-ID before it is sent: where a crash leaves it open whether it was, the same mail goes out again.

    Mail servers show two mails with one Message-ID as one.
    """
    if login_mail.message_id:
        message.replace_header("Message-ID", login_mail.message_id)
        return
    login_mail.message_id = message["Message-ID"]
    login_mail.save(only=[LoginMail.message_id])


def _compose(login_mail: LoginMail, account: Account):
    service, employee = SERVICES[account.connection.service], account.employee
    chosen = choices.of(account.organisation)
    language = texts.language_for(chosen.language, employee.country or "")
    values = {
        "name": employee.name,
        "first_name": employee.preferred_name or employee.first_name,
        "organisation": account.organisation.name,
        "service": service.name,
        "username": account.username,
        "sign_in_url": service.sign_in_url,
    }
    # What the mail once had it keeps: it may be on its way already.
    if login_mail.sealed_link or (chosen.by_link and not login_mail.message_id):
        link = hand_over.link_of(login_mail)
        values |= texts.behind_a_link(link, hand_over.until(login_mail).date(), language)
    else:
        values["password"] = vault.open_sealed(login_mail.sealed_password)
    return mail.login_information(
        recipient=login_mail.recipient, text=chosen.text(language), values=values, settings=chosen, language=language
    )


def _try_again(login_mail: LoginMail, error: mail.NotSent) -> None:
    if error.permanent or login_mail.attempts >= GIVE_UP_AFTER:
        _settle(login_mail, MailState.FAILED, problem=str(error))
        return
    _put_back(login_mail, now() + timedelta(seconds=min(15 * 2**login_mail.attempts, 3600)), problem=str(error))


def _put_back(login_mail: LoginMail, until: datetime, **changes) -> None:
    LoginMail.update(state=MailState.SCHEDULED, lease_until=until, **changes).where(
        LoginMail.id == login_mail.id, LoginMail.state == MailState.SENDING
    ).execute()


def _settle(login_mail: LoginMail, state: MailState, **changes) -> None:
    """The mail's last word; its password is wiped with it, unless it is behind the link that the mail has."""
    wiped = {"sealed_link": ""} if state == MailState.TO_OPEN else {"sealed_link": "", "sealed_password": ""}
    with transaction():
        LoginMail.update(state=state, lease_until=None, **{"problem": "", **wiped, **changes}).where(
            LoginMail.id == login_mail.id, LoginMail.state == MailState.SENDING
        ).execute()
        audit.record(
            "portal", f"login mail {state}", login_mail.account.employee,
            organisation=login_mail.organisation, recipient=login_mail.recipient,
        )  # fmt: skip


def wipe_secrets() -> None:
    """Wipe the passwords that nobody will hand over any more; what is wiped when it ends is not left to this alone."""
    with transaction():
        LoginMail.update(state=MailState.CANCELLED, sealed_password="", problem=hand_over.NOT_LOOKED_AT).where(
            LoginMail.state == MailState.TO_SHOW, LoginMail.send_at < now() - hand_over.LASTS
        ).execute()
        LoginMail.update(state=MailState.CANCELLED, sealed_password="", problem=hand_over.NOT_OPENED).where(
            LoginMail.state == MailState.TO_OPEN, LoginMail.sent_at < now() - hand_over.LASTS
        ).execute()
        over = LoginMail.state.not_in((MailState.SCHEDULED, MailState.SENDING, *hand_over.BEFORE.values()))
        for sealed in (LoginMail.sealed_password, LoginMail.sealed_link):
            LoginMail.update({sealed: ""}).where(over, sealed != "").execute()
        Operation.update(sealed_password="").where(
            Operation.state.not_in(OPEN), Operation.sealed_password != ""
        ).execute()
