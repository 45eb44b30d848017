"""A page on which one plays the people outside: reads what they were sent, answers, and writes to a mailbox."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for

from portal.sandbox.calendar import invitations
from portal.sandbox.identity.answers import state
from portal.sandbox.mail import transport
from portal.sandbox.mail.items import folded, topic
from portal.sandbox.state.models import OutsideMail

blueprint = Blueprint("outside", __name__, url_prefix="/outside")
PAGE = 100


@blueprint.before_request
def same_site_only() -> None:
    """Another site's page cannot press these buttons."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
        abort(403)


@blueprint.get("")
def addresses() -> Any:
    """Everybody outside who has mail."""
    with state().work():
        known = OutsideMail.select(OutsideMail.address).distinct().order_by(OutsideMail.address).limit(PAGE)
        found = [mail.address for mail in known]
    return render_template("sandbox/outside.html", addresses=found, problem="")


@blueprint.get("/<address>")
def box(address: str) -> Any:
    with state().work():
        mine = OutsideMail.address == folded(address)
        found = list(OutsideMail.select().where(mine).order_by(OutsideMail.seq.desc()).limit(PAGE))
    return render_template("sandbox/outside_box.html", address=folded(address), mails=found)


@blueprint.post("/<address>/answer/<int:seq>")
def answer(address: str, seq: int) -> Any:
    """From this address or another one, with the same subject or another one."""
    with state().work():
        mail = OutsideMail.get_or_none((OutsideMail.seq == seq) & (OutsideMail.address == folded(address)))
        if mail is None:
            abort(404)
        sender = request.form.get("sender", "").strip() or address
        reply_to(mail, sender, request.form.get("text", ""), request.form.get("subject", "").strip())
    return redirect(url_for(".box", address=folded(address)), 303)


@blueprint.post("/<address>/meeting/<int:seq>")
def answer_meeting(address: str, seq: int) -> Any:
    """An answer to an invitation, as mail programs send one."""
    response = request.form.get("response", "")
    with state().work():
        mail = OutsideMail.get_or_none((OutsideMail.seq == seq) & (OutsideMail.address == folded(address)))
        if mail is None or not mail.meeting or response not in invitations.ANSWERS:
            abort(404)
        invitations.answered(state(), mail.meeting["uid"], address, response, request.form.get("words", ""))
    return redirect(url_for(".box", address=folded(address)), 303)


def reply_to(mail: OutsideMail, sender: str, text: str, subject: str = "", **more: Any) -> Any:
    """Inside the state's work. subject: another one than that of the thread."""
    quote = "\n".join(f"> {line}" for line in mail.text.splitlines())
    usual = mail.subject if mail.subject.casefold() != topic(mail.subject) else f"Re: {mail.subject}"
    return transport.from_outside(
        state() if "store" not in more else more.pop("store"), sender, mail.sender, subject or usual,
        f"{text}\n\nOn an earlier day, {mail.sender} wrote:\n{quote}", references=[*mail.references, mail.internet_id],
        **more,
    )  # fmt: skip


@blueprint.post("")
def write() -> Any:
    """A mail that answers nothing."""
    values = [request.form.get(name, "").strip() for name in ("sender", "to", "subject")]
    if not all("@" in value for value in values[:2]):
        return render_template("sandbox/outside.html", addresses=[], problem="Enter both addresses."), 400
    with state().work():
        transport.from_outside(state(), *values, request.form.get("text", ""))
    return redirect(url_for(".box", address=folded(values[0])), 303)
