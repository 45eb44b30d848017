"""The page of a candidate's own: its link, what is held, and what the candidate can do about it.

Only the emails to the candidate hold the link. No answer to a form does: anybody can enter anybody's address there.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from portal import audit
from portal.auth.models import hash_of, new_token
from portal.candidate_care import erasing
from portal.candidate_care.models import OwnLink
from portal.config import settings
from portal.database import transaction
from portal.languages import gettext as _
from portal.messages import letters
from portal.messages.models import Message
from portal.problems import Problem
from portal.recruitment import actions, choices
from portal.recruitment.models import Application, Candidate, Ended

OWN_PAGE = "own page"
# How long the page stays open in a browser after its button was pressed.
OPEN_FOR = timedelta(minutes=30)


class LinkOver(Problem):
    message = _("This link leads nowhere: the data is deleted, or there never was any.")
    status = 404


class IsHired(Problem):
    message = _("Your application led to a contract, so parts of your data belong to your employment.")
    status = 409
    title = _("We cannot delete this at once")
    next_step = _("We have passed your request to the HR team. They will write to you.")


def new_link(candidate: Candidate) -> str:
    """An address for an email; its token is in the query, which no log of the portal shows."""
    token = new_token()
    with transaction():
        OwnLink.create(organisation=candidate.organisation_id, candidate=candidate, link_hash=hash_of(token))
    return address(token)


letters.SECRETS["own_page"] = new_link


def address(token: str) -> str:
    return f"{settings().public_url.rstrip('/')}/application?{urlencode({'token': token})}"


def find(token: str) -> Candidate:
    """The candidate whose link this is. Raises LinkOver."""
    link = OwnLink.get_or_none(OwnLink.link_hash == hash_of(token)) if token else None
    if link is None or link.candidate.erased_at is not None:
        raise LinkOver()
    candidate: Candidate = link.candidate
    return candidate


def consent_to(months: int) -> str:
    """What somebody agrees to who ticks the box of the form, or presses Keep."""
    return _("Keep my data for other openings for %(months)s months", months=months)


def consent_words(candidate: Candidate) -> str:
    return consent_to(choices.of(candidate.organisation).talent_months)


def keep(candidate: Candidate, words: str) -> None:
    """The candidate agrees in these words, as they read them, to be kept for other openings, from today on."""
    with audit.turn(candidate.organisation_id):
        current = Candidate.get_by_id(candidate.id)
        actions.keep_longer(current, words)
        audit.record(OWN_PAGE, "keep data for other openings", current)


def confirm(candidate: Candidate) -> None:
    """The candidate has opened the link of an email: what was ticked on the form was ticked by them."""
    if not candidate.asked_consent:
        return
    with audit.turn(candidate.organisation_id):
        current = Candidate.get_by_id(candidate.id)
        if current.asked_consent and current.erased_at is None:
            actions.keep_longer(current, current.asked_consent)
            audit.record(OWN_PAGE, "keep data for other openings", current)


def stop_keeping(candidate: Candidate) -> None:
    """The candidate takes that back."""
    with audit.turn(candidate.organisation_id):
        nothing: dict[str, Any] = {"talent_until": None, "consent_text": "", "asked_consent": ""}
        Candidate.update(nothing).where(Candidate.id == candidate.id).execute()
        audit.record(OWN_PAGE, "keep data no longer for other openings", candidate)


def withdraw(candidate: Candidate, application_id: int) -> None:
    """End one of the candidate's applications. One that has ended stays as it is."""
    mine = (Application.id == application_id) & (Application.candidate == candidate) & Application.ended.is_null()
    application = Application.get_or_none(mine)
    if application is not None:
        actions.end(application, Ended.WITHDRAWN, by=OWN_PAGE)


def delete(candidate: Candidate) -> None:
    """Erase the candidate at once. Raises IsHired, once HR has been told."""
    if erasing.was_hired(candidate):
        with audit.turn(candidate.organisation_id):
            if erasing.note_request(candidate):
                audit.record(OWN_PAGE, "ask to delete data", candidate)
        raise IsHired(_("Your application led to a contract, so parts of your data belong to your employment."))
    erasing.tell_and_erase(candidate, by=OWN_PAGE)


# What other rooms hold of a candidate, by the name under which it is downloaded.
MORE: dict[str, Callable[[Candidate], Any]] = {}


def held(candidate: Candidate) -> dict[str, Any]:
    """Everything that is held about the candidate that comes from them, or that they are told; not what HR notes."""
    return {
        "name": candidate.name, "phone": candidate.phone,
        "email": [one.address for one in candidate.addresses],
        "keep_until": candidate.talent_until.isoformat() if candidate.talent_until else None,
        "agreed_to": candidate.consent_text or None,
        "applications": [
            {
                "vacancy": application.vacancy.title,
                "applied_at": application.applied_at.isoformat(timespec="seconds"),
                "ended": application.ended,
                "answers": [{one["label"]: one["answer"]} for one in application.answers],
            }
            for application in candidate.applications.order_by(Application.id)
        ],
        "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in candidate.files],
        "messages": [
            {
                "from": message.sender, "at": message.at.isoformat(timespec="seconds"), "subject": message.subject,
                "text": letters.shown(message.text), "files": [file["name"] for file in message.files],
            }
            for message in candidate.messages.order_by(Message.at, Message.id)
        ],
        "emails": [
            {"to": sent.recipient, "at": sent.sent_at.isoformat(timespec="seconds")}
            for sent in candidate.mails if sent.sent_at
        ],
        **{name: of(candidate) for name, of in MORE.items()},
    }  # fmt: skip
