"""Brings the mail with the login information to the employee: when due, once, and only while its password works.

Mails go out in the threads of `mail.lane`. The moment before the last dot of the conversation is written down: from
then on the mail server may have the mail, so after any end of the conversation the portal does not send it again.
"""

import random
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from portal import audit, mail, vault
from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.connections.settings import settings_of
from portal.connectors import SERVICES
from portal.database import now, transaction
from portal.hand_over import moments
from portal.hand_over import once as hand_over
from portal.hand_over.models import LoginMail, MailState, Secret
from portal.languages import gettext as _
from portal.logs import log
from portal.mail import Kind, NotSent, choices, lane, sending, texts, trouble
from portal.operations.models import BY_DISCONNECT, OPEN, Operation

AGAIN = timedelta(seconds=60)
# Tries of a mail that the server does not take for now: eight within the first hour, then one an hour, for a day.
TRIES = 30
# Tries of a mail that the portal itself cannot make.
OWN_TRIES = 8
# Seconds that a person who pressed a button waits for the mail server.
PATIENCE = 3.0
AT_ONCE = 20
NOBODY_CONFIRMED = _(
    "The portal stopped after the mail server had the whole email, so nobody knows whether it was sent."
)
RAN_OUT = _("The pass is not valid any more, so nobody was sent it.")
TOO_LATE = _("It could not be sent for %(days)s days.", days=hand_over.LASTS.days)
# A sender that ended in the middle has left it to the mail server, which may have it.
LEFT_TO_THE_SERVER = (LoginMail.state == MailState.SENDING) & LoginMail.given_at.is_null(False)


def due() -> list[LoginMail]:
    """Mails whose time has come, those that failed and may be tried again, and those left behind by a crash.

    The organisations take turns. While the mail server takes nothing from the portal, no mail is due.
    """
    ready = LoginMail.due() if trouble.current() is None else LoginMail.due().where(LEFT_TO_THE_SERVER)
    turn: Any = fn.ROW_NUMBER().over(partition_by=[LoginMail.organisation], order_by=[LoginMail.send_at])
    return list(ready.order_by(turn, LoginMail.send_at).limit(500))


def wake() -> None:
    """Have everything that is due sent, in a thread for mails if there is one free; the caller does not wait."""
    lane.LOGIN.start(_send_all_due)


def _send_all_due() -> None:
    moments.follow_start()
    while some := due()[:AT_ONCE]:
        # Several threads do this, each beginning somewhere else.
        for login_mail in random.sample(some, len(some)):
            deliver(login_mail)


def look_at_server() -> None:
    """Ask the mail server, when it is time, whether it takes the portal again; then the portal sends what waits."""
    if trouble.is_due():
        lane.LOGIN.start(_look_and_send)


def ask_server_now() -> None:
    """When the mail server took nothing from the portal, ask it again while a person waits for a few seconds."""
    if trouble.current() is not None:
        with suppress(lane.NotYet):
            lane.LOGIN.within(PATIENCE, trouble.look_again)


def _look_and_send() -> None:
    trouble.look_again()
    _send_all_due()


def send_now(login_mail: LoginMail, connection: Connection) -> None:
    """Send the mail while a person waits for a few seconds. A mail that takes longer is sent without them."""
    try:
        lane.LOGIN.within(PATIENCE, lambda: deliver(login_mail, connection))
    except lane.NotYet:
        log.info("mail server is slow", login_mail=login_mail.id)


def deliver(login_mail: LoginMail, connection: Connection | None = None) -> LoginMail:
    """Send the mail if it is due and no other process is sending it; returns its row as it is afterwards.

    connection: the one of its account, where the caller has it.
    """
    mine = LoginMail.get_by_id(login_mail.id)
    if mine.claim(LEFT_TO_THE_SERVER):
        _settle_unknown(mine, NOBODY_CONFIRMED)
    elif standing := trouble.current():
        waiting = LoginMail.due().select(LoginMail.id).where(LoginMail.id == mine.id)
        not_taken = LoginMail.update(problem=standing.problem, not_before=None)
        not_taken.where(LoginMail.id.in_(waiting), LoginMail.state == MailState.SCHEDULED).execute()
    elif _take(mine):
        _deliver_claimed(mine, connection)
    return LoginMail.get_by_id(mine.id)


def _take(login_mail: LoginMail) -> bool:
    """Begin a try of the mail, which the mail server certainly does not have."""
    as_read = LoginMail.given_at.is_null() & (LoginMail.attempts == login_mail.attempts)
    until_last_dot = timedelta(seconds=sending.longest_before_last_dot()) + LoginMail.MARGIN
    changes = {"state": MailState.SENDING, "attempts": login_mail.attempts + 1}
    return login_mail.claim(as_read, lease=until_last_dot, **changes)


def _deliver_claimed(login_mail: LoginMail, connection: Connection | None) -> None:
    account = login_mail.account
    if connection is not None and account.connection_id == connection.id:
        account.connection = connection
    if account.detached_by == BY_DISCONNECT:
        changes = {"state": MailState.PAUSED, "paused_from": MailState.SCHEDULED, "paused_at": now()}
        _put_back(login_mail, None, **changes)
        return
    if over := _over(login_mail, account):
        _settle(login_mail, MailState.CANCELLED, problem=over)
        return
    if hand_over.is_being_replaced(login_mail):
        _put_back(login_mail, now() + AGAIN)
        return
    if login_mail.recipient != login_mail.goes_to:
        login_mail.recipient = login_mail.goes_to
        login_mail.save(only=[LoginMail.recipient])
    try:
        message = _compose(login_mail, account)
        mail.send(message, before_last_dot=lambda: _may_go(login_mail, message.message_id))
    except mail.Stopped:
        _put_back(login_mail, now() + AGAIN)
    except NotSent as problem:
        log.warning("mail not sent", login_mail=login_mail.id, attempts=login_mail.attempts, reason=str(problem))
        AFTER[problem.kind](login_mail, str(problem))
    except Exception:
        log.exception("mail failed", login_mail=login_mail.id)
        _try_again(login_mail, _("The portal met an error it did not expect."), most=OWN_TRIES)
    else:
        _settle(login_mail, MailState.TO_OPEN if login_mail.encrypted_link else MailState.SENT, sent_at=now())


def _over(login_mail: LoginMail, account: Account) -> str:
    """Why nobody can sign in any more with what the mail brings; empty while it works."""
    if account.status != Status.ACTIVE:
        return _("The account is no longer active, so the mail was not sent.")
    return RAN_OUT if login_mail.ends_at and login_mail.ends_at <= now() else ""


def _may_go(login_mail: LoginMail, message_id: str) -> bool:
    """Write down that the mail server may have the mail now; False when it was taken back in the meantime."""
    if hand_over.is_being_replaced(login_mail):
        return False
    with transaction():
        return login_mail.hold(given_at=now(), message_id=message_id)


def _compose(login_mail: LoginMail, account: Account) -> mail.Mail:
    service, employee = SERVICES[account.connection.service], account.employee
    chosen = choices.of(account.organisation)
    language = texts.language_for(chosen.language, employee.country or "")
    values = {
        "name": employee.name,
        "first_name": employee.preferred_name or employee.first_name or employee.name,
        "organisation": account.organisation.name,
        "service": service.name,
        "username": account.username,
        "sign_in_url": service.sign_in_url,
    }
    if settings_of(account.connection).signs_in_elsewhere:
        text = texts.WITHOUT_PASSWORD[language]
        return mail.login_information(
            recipient=login_mail.recipient, text=text, values=values, settings=chosen, language=language
        )
    if login_mail.encrypted_link or chosen.by_link or login_mail.only_link:
        link, until = hand_over.link_of(login_mail), hand_over.until(login_mail)
        words = texts.long_date(until.date(), language)
        if login_mail.ends_at:
            words = texts.long_moment(until.astimezone(account.organisation.zone), language)
        values |= texts.behind_a_link(link, words, language)
    else:
        values["password"] = vault.decrypt(login_mail.encrypted_password)
    text = chosen.text(_text_key(login_mail, language))
    return mail.login_information(
        recipient=login_mail.recipient, text=text, values=values, settings=chosen, language=language
    )


def _text_key(login_mail: LoginMail, language: str) -> str:
    if login_mail.secret == Secret.PASS:
        return f"{language}{texts.PASS}"
    return f"{language}{texts.AGAIN}" if _is_again(login_mail) else language


def _is_again(login_mail: LoginMail) -> bool:
    """Whether the employee knows of the account: by an earlier mail, or because the portal has not made it."""
    if not login_mail.account.created_by_portal:
        return True
    handed_over = (LoginMail.account == login_mail.account_id) & (LoginMail.id < login_mail.id)
    return LoginMail.select().where(handed_over, LoginMail.sent_at.is_null(False)).exists()


def _try_again(login_mail: LoginMail, problem: str, *, most: int = TRIES) -> None:
    if login_mail.attempts >= most:
        _give_up(login_mail, problem)
        return
    pause = timedelta(seconds=min(15 * 2**login_mail.attempts, 3600))
    _put_back(login_mail, now() + pause, problem=problem)


def _give_up(login_mail: LoginMail, problem: str) -> None:
    _settle(login_mail, MailState.FAILED, problem=problem)


def _wait_for_the_server(login_mail: LoginMail, problem: str) -> None:
    """It is not the mail's fault: it waits without a time, and the try does not count."""
    _put_back(login_mail, None, problem=problem, attempts=login_mail.attempts - 1)


def _settle_unknown(login_mail: LoginMail, problem: str) -> None:
    """The password is wiped, but not the one behind a link: opening the link shows that the mail arrived."""
    _settle(login_mail, MailState.UNKNOWN, problem=problem, sent_at=login_mail.given_at or now())


AFTER = {
    Kind.LATER: _try_again, Kind.NEVER: _give_up, Kind.OURS: _wait_for_the_server, Kind.UNKNOWN: _settle_unknown,
}  # fmt: skip


def _put_back(login_mail: LoginMail, until: datetime | None, **changes: Any) -> None:
    login_mail.release(**{"state": MailState.SCHEDULED, "not_before": until, "given_at": None, **changes})


def _settle(login_mail: LoginMail, state: MailState, **changes: Any) -> None:
    """The mail's last word; its password is wiped with it, unless it is behind a link that the mail has.

    A later mail about the account has a later password: then the one behind the link is wiped too.
    """
    later = LoginMail.select().where(LoginMail.account == login_mail.account_id, LoginMail.id > login_mail.id)
    opens = state in (MailState.TO_OPEN, MailState.UNKNOWN) and login_mail.encrypted_link and not later.exists()
    wiped = {"encrypted_link": ""} if opens else {"encrypted_link": "", "encrypted_password": ""}
    with transaction():
        if login_mail.release(state=state, **{"problem": "", **wiped, **changes}):
            audit.record(
                "portal", f"login mail {state}", login_mail.account.employee,
                organisation=login_mail.organisation, recipient=login_mail.recipient,
            )  # fmt: skip


def confirm_arrival(account: Account, *, by: Any) -> None:
    """A person knows that a mail has arrived which the mail server did not confirm."""
    with transaction():
        doubtful = (LoginMail.account == account) & (LoginMail.state == MailState.UNKNOWN)
        for login_mail in list(LoginMail.select().where(doubtful)):
            state = MailState.TO_OPEN if login_mail.encrypted_password else MailState.SENT
            LoginMail.update(state=state, problem="").where(LoginMail.id == login_mail.id, doubtful).execute()
            audit.record(by, "confirm login mail arrived", account.employee, organisation=account.organisation)


def wipe_secrets() -> None:
    """Wipe the passwords that will not be handed over; what is wiped when it ends does not depend on this alone."""
    long_ago = now() - hand_over.LASTS
    with_link = (LoginMail.state == MailState.UNKNOWN) & (LoginMail.encrypted_password != "")
    ends: tuple[tuple[Any, MailState, str], ...] = (
        (
            (LoginMail.state == MailState.TO_SHOW) & (LoginMail.send_at < long_ago),
            MailState.CANCELLED,
            hand_over.NOT_LOOKED_AT,
        ),
        (
            (LoginMail.state == MailState.TO_OPEN) & (LoginMail.sent_at < long_ago),
            MailState.CANCELLED,
            hand_over.NOT_OPENED,
        ),
        (with_link & (LoginMail.sent_at < long_ago), MailState.CANCELLED, hand_over.NOT_OPENED),
        ((LoginMail.state == MailState.SCHEDULED) & (LoginMail.send_at < long_ago), MailState.FAILED, TOO_LATE),
    )
    unseen = LoginMail.state.in_((MailState.SCHEDULED, MailState.TO_SHOW, MailState.TO_OPEN, MailState.UNKNOWN))
    ran_out = unseen & (LoginMail.ends_at <= now()) & (LoginMail.encrypted_password != "")
    with transaction():
        for which, state, problem in (*ends, (ran_out, MailState.CANCELLED, RAN_OUT)):
            LoginMail.update(state=state, encrypted_password="", problem=problem).where(which).execute()
        waiting = (
            MailState.SCHEDULED,
            MailState.SENDING,
            MailState.UNKNOWN,
            MailState.PAUSED,
            MailState.TO_SHOW,
            MailState.TO_OPEN,
        )
        for encrypted in (LoginMail.encrypted_password, LoginMail.encrypted_link):
            LoginMail.update({encrypted: ""}).where(LoginMail.state.not_in(waiting), encrypted != "").execute()
        Operation.update(encrypted_password="").where(
            Operation.state.not_in(OPEN), Operation.encrypted_password != ""
        ).execute()
