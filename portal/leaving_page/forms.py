from typing import Any

from wtforms import BooleanField, Field, SelectMultipleField, TextAreaField
from wtforms.validators import ValidationError

from portal.account_page.hand_over_form import HandOverForm, PlaceForm
from portal.accounts.models import Status
from portal.accounts.place import Place
from portal.languages import gettext as _
from portal.languages import joined
from portal.leaving import actions, snapshots
from portal.leaving.requests import LeaveRequest
from portal.people import reply_texts
from portal.plain_text import storable
from portal.reporting_lines import successions
from portal.timeline_templates import abilities
from portal.timeline_templates.choosing import template_of
from portal.timeline_templates.steps import Kind


class LeaveForm(PlaceForm):
    """What is done with a leaver's account now; the same in each application that is ticked.

    The reply is that of the organisation's own steps for leavers, until somebody changes it here.
    """

    reply = BooleanField(_("Switch the automatic reply on"), default=True)
    inside = TextAreaField(_("Reply to colleagues"), filters=[storable])
    outside = TextAreaField(_("Reply to everybody else"), filters=[storable])
    forward = BooleanField(_("Forward mail"))
    reports = BooleanField(_("Hand over the reports"), default=True)
    groups = BooleanField(_("Take out of groups"), default=True)
    shared_mailbox = BooleanField(_("Keep the mailbox as a shared one"))
    also = SelectMultipleField(_("Also in"), choices=[], validate_choice=False)

    def __init__(self, place: Place, others: list[Place], **values: Any):
        template = template_of(place.employee.organisation, Kind.LEAVER, place.employee)
        texts = {**reply_texts.DEFAULTS[Kind.LEAVER], **template.texts}
        super().__init__(place, **{"inside": texts["inside"], "outside": texts["outside"], **values})
        self.others = [
            other for other in others if other.account is not None and other.account.status == Status.ACTIVE
            and other.connection.id != place.connection.id
        ]  # fmt: skip
        self.heir = actions.heir_of(place)
        self.report_count = actions.reports_to_hand_over(place.employee)
        # Whom nobody takes over.
        self.left_behind = 0 if self.report_count else successions.reports_of(place.employee).count()
        if self.heir is not None:
            self.forward.label.text = _("Forward mail to %(name)s", name=self.heir.employee.name)
            self.groups.label.text = _(
                "Take out of groups, and make %(name)s owner of those they own", name=self.heir.employee.name
            )
        if self.employee.successor is not None:
            self.reports.label.text = _(
                "Hand over the reports (%(report_count)s) to %(successor)s",
                report_count=self.report_count,
                successor=self.employee.successor.name,
            )

    def left_out(self, field: Field, ability: str) -> str:
        """In which applications the field does nothing, as the portal may not do it there: a sentence for each."""
        return joined(
            *(
                _(
                    "“%(part)s” is left out: %(service)s does not allow it yet.",
                    part=field.label.text, service=place.service.name,
                )
                for place in (self.place, *self.others)
                if abilities.refuses(place.connection, ability)
            )
        )  # fmt: skip

    @property
    def has_mailbox(self) -> bool:
        return any(place.service.capabilities.has_mailbox for place in self.chosen)

    @property
    def chosen(self) -> list[Place]:
        """This application first, then the others that are ticked."""
        return [self.place, *(other for other in self.others if other.service.key in (self.also.data or ()))]

    def request(self, place: Place) -> LeaveRequest:
        """What is asked of one application."""
        inside, outside = (self.inside.data, self.outside.data) if self.reply.data else ("", "")
        return actions.request_for(
            place, inside=inside or "", outside=outside or "", forward=bool(self.forward.data),
            groups=bool(self.groups.data), shared_mailbox=bool(self.shared_mailbox.data),
            reports=bool(self.reports.data and self.report_count),
        )  # fmt: skip

    def preview(self) -> list[tuple[str, str]]:
        """Who gets each text, and the text as it will read."""
        successor = self.heir.employee if self.heir else None
        values = reply_texts.values_of(self.employee, successor, self.employee.end_date)
        texts = ((_("To colleagues"), self.inside.data), (_("To everybody else"), self.outside.data))
        return [(whom, reply_texts.filled(text, values)) for whom, text in texts if text]

    def validate_inside(self, field: Field) -> None:
        if self.reply.data and not (field.data or "").strip():
            raise ValidationError(_("Write the reply, or untick “Switch the automatic reply on”."))
        self._check(field)

    def validate_outside(self, field: Field) -> None:
        self._check(field)

    def _check(self, field: Field) -> None:
        problem = reply_texts.problem_of(field.data or "")
        if problem and self.reply.data:
            raise ValidationError(problem)


class UndoForm(HandOverForm):
    """What comes back, and where else: in the other applications that the same person left."""

    also = SelectMultipleField(_("Also in"), choices=[], validate_choice=False)
    wait = BooleanField(_("If no licence is free, give one as soon as it is"), default=True)
    end_date = BooleanField(_("Take the last day off the Profile"), default=True)

    def __init__(self, place: Place, others: list[Place], **values: Any):
        super().__init__(place, **values)
        self.others = [
            other for other in others if other.connection.id != place.connection.id and actions.has_left(other)
        ]  # fmt: skip

    @property
    def chosen(self) -> list[Place]:
        """This application first, then the others that are ticked."""
        return [self.place, *(other for other in self.others if other.service.key in (self.also.data or ()))]

    @property
    def needs_password(self) -> bool:
        """Whether a fresh password is set in one of the applications."""
        noted = (snapshots.open_of(place.employee, place.connection) for place in (self.place, *self.others))
        return any(actions.needs_password(one) for one in noted if one is not None)
