"""The page behind the link in the mail, for the person who follows it; and taking the link back."""

from flask import Blueprint, g, redirect, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_login import current_user

from portal import access, seeing
from portal.access import Action
from portal.accounts.models import Account
from portal.connectors import SERVICES
from portal.hand_over import once as hand_over
from portal.hand_over.models import LoginMail, Secret
from portal.mail import choices, texts
from portal.security import limiter
from portal.web import Answer, page

blueprint = Blueprint("hand_over", __name__)


def _link() -> str:
    """A link that works is counted for itself, so that strangers at the same address do not hold its owner."""
    token = request.args.get("token", "") or session.get("hand_over", "")
    try:
        return hand_over.find(token).link_hash
    except hand_over.LinkOver:
        return get_remote_address()


@blueprint.get("/hand-over")
@limiter.limit("1000 per hour", key_func=_link)
@access.public
def ask() -> Answer:
    """The link leads here, and shows nothing yet: mail scanners follow links. Its token leaves the address at once."""
    if "token" in request.args:
        session["hand_over"] = request.args["token"][:100]
        return redirect(url_for(".ask"))
    try:
        return _page(hand_over.find(session.get("hand_over", "")))
    except hand_over.LinkOver as over:
        return _over(over)


@blueprint.post("/hand-over")
@limiter.limit("500 per hour", key_func=_link)
@access.public
def show() -> Answer:
    try:
        login_mail, password = hand_over.open_once(session.get("hand_over", ""))
    except hand_over.LinkOver as over:
        return _over(over)
    session.pop("hand_over", None)
    return _page(login_mail, password=password)


def _over(over: hand_over.LinkOver) -> Answer:
    paused = isinstance(over, hand_over.LinkPaused)
    return page("hand_over/over.html", status=over.status, paused=paused)


def _page(login_mail: LoginMail, *, password: str = "") -> Answer:
    account: Account = login_mail.account
    chosen = choices.of(account.organisation)
    # As the mail was written, whatever the browser asks for.
    g.language = language = texts.language_for(chosen.language, account.employee.country or "")
    until = hand_over.until(login_mail)
    words = texts.long_date(until.date(), language)
    if login_mail.ends_at:
        words = texts.long_moment(until.astimezone(account.organisation.zone), language)
    return page(
        "hand_over/hand_over.html", account=account, service=SERVICES[account.connection.service],
        until=words, password=password, is_pass=login_mail.secret == Secret.PASS,
    )  # fmt: skip


@blueprint.post("/people/employees/<int:employee_id>/account-provisioning/<service_key>/revoke-link")
@access.requires(Action.PROVISION)
def revoke(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    hand_over.revoke(place.need_account(), by=current_user)
    return redirect(url_for("account_page.account_tab", employee_id=employee_id), 303)
