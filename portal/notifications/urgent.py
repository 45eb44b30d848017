"""What cannot wait until the morning: written down with what happened, for the Admins and for channels."""

from typing import Any

from portal import happenings
from portal.connectors import SERVICES
from portal.happenings import Happening
from portal.languages import gettext as _
from portal.languages import joined, ngettext, stored
from portal.notifications.bodies import Note, body_for
from portal.notifications.models import MailChoice, UrgentMail
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature
from portal.people.models import Employee
from portal.webhooks import outbox
from portal.webhooks.kinds import URGENT
from portal.webhooks.models import Kind, Receiver
from portal.webhooks.telling import admins_of

SUBJECTS = frozenset(("connection", "feed", "plan_step", "brake"))
LEAVER = "leaver"


def note_of(happening: Happening) -> Note | None:
    """What people are told of it; None when it is not urgent."""
    data, page = happening.data, happening.data.get("page", "/home")
    if happening.kind == "connection.broken":
        name = SERVICES[data["application"]].name
        return Note(
            _("%(name)s no longer lets the portal in", name=name),
            (
                _(
                    "Until an Admin sees to it, nothing can be changed in %(name)s. What was to be done waits.",
                    name=name,
                ),
            ),
            page,
        )
    if happening.kind == "feed.stopped":
        return Note(_("A feed is stopped"), (_("It changes nothing until an Admin has looked."),), page)
    if happening.kind == "brake.held":
        words = joined(
            ngettext(
                "%(num)s step of one import is due within an hour.",
                "%(num)s steps of one import are due within an hour.",
                data["steps"],
            ),
            _("They wait for a second Admin."),
        )
        return Note(_("Steps of an import are held"), (words,), page)
    if happening.kind == "plan_step.late" and data.get("timeline") == LEAVER:
        words = _(
            "%(step)s for %(name)s is more than three hours late.",
            step=_(data["step"]),
            name=Employee.get_by_id(data["employee_id"]).name,
        )
        return Note(_("A step for a leaver is late"), (words,), page)
    return None


class Urgent:
    """A happenings.Listener."""

    def wants(self, organisation_id: int, subject: str) -> bool:
        return subject in SUBJECTS

    def hear(self, organisation_id: int, happenings: list[Happening]) -> None:
        organisation = Organisation.get_by_id(organisation_id)
        if not organisation.has(Feature.ACCOUNT_PROVISIONING):
            return
        for happening in happenings:
            if (note := note_of(happening)) is not None:
                to_channels(organisation, note, URGENT)
                # A feed that stops has told the Admins itself, with what it found.
                if not happening.kind.startswith("feed."):
                    _to_admins(organisation, note)


def _to_admins(organisation: Organisation, note: Note) -> None:
    for user in admins_of(organisation):
        if MailChoice.of(user).urgent:
            UrgentMail.create(user=user, title=note.title, lines=list(map(stored, note.lines)), page=note.page)


def to_channels(organisation: Organisation, note: Note, what: str) -> None:
    """Put the note in line for each channel that wants it. what: one of webhooks.kinds.CHANNEL."""
    query: Any = Receiver.select().where(
        Receiver.organisation == organisation, Receiver.kind.in_((Kind.TEAMS, Kind.SLACK))
    )
    for receiver in list(query):
        if not receiver.kinds or what in receiver.kinds:
            outbox.put(receiver, [(what, body_for(receiver, note))])


happenings.listen(Urgent())
