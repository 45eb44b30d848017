"""Provisioning > Calendar: what the timelines of all employees do on which day."""

from flask import Blueprint, flash, redirect, url_for
from flask_login import current_user

from portal import access, connected, params, seeing
from portal.access import Action
from portal.calendar_page import queries
from portal.languages import gettext as _
from portal.timelines import brake
from portal.web import Answer, page

blueprint = Blueprint("calendar", __name__)
# How many steps that need a person are shown above the days.
SHOWN = 10


@blueprint.get("/provisioning/calendar")
@access.requires(Action.PROVISION, advertised=True)
def show() -> Answer:
    """Two weeks of steps by day, and one page of those of the day that was asked for, or of the first that has any."""
    organisation = access.organisation()
    # What is of everybody: imports that wait for a second Admin.
    whole = seeing.sight_of().is_whole
    people = None if whole else seeing.visible_employees()
    kind = params.line("kind") if params.line("kind") in queries.KINDS else ""
    first = params.day(params.line("since")) or organisation.today
    days = queries.days_of(organisation, first=first, kind=kind, people=people)
    chosen = params.day(params.line("day")) or (days[0].day if days else first)
    waiting = queries.needing(organisation, kind=kind, people=people)
    refused = queries.refused(organisation, people=people)
    first_refused = list(refused.limit(SHOWN))
    allowed = ((one, queries.not_allowed(organisation, one)) for one in connected.connections())
    return page(
        "calendar_page/calendar.html", days=days, kinds=queries.KINDS, many_of=queries.MANY_OF,
        counted=queries.counted, kind=kind, first=first, chosen=chosen,
        steps=queries.steps_on(organisation, chosen, kind=kind, after=params.number("after"), people=people),
        waiting=list(waiting.limit(SHOWN)), waits=waiting.count(), today=organisation.today,
        place={name: value for name, value in {"kind": kind, "since": params.line("since")}.items() if value},
        holds=[
            (hold, brake.why_not(hold, current_user), brake.approvers(hold))
            for hold in (brake.waiting(organisation) if whole else ())
        ],
        refused=first_refused, why_refused=queries.why_refused(first_refused), refusals=refused.count(),
        not_allowed=[(one, labels) for one, labels in allowed if labels],
        label_of=queries.label_of, look_of=queries.look_of, further=queries.DAYS,
    )  # fmt: skip


@blueprint.post("/provisioning/calendar/holds/<int:hold_id>/approve")
@access.requires(Action.OVERSEE)
def approve(hold_id: int) -> Answer:
    """The word of a second Admin: the steps of an import happen at their times."""
    brake.approve(seeing.own_or_404(brake.Hold, hold_id), by=current_user)
    flash(_("The steps are approved."), "success")
    return redirect(url_for(".show"), 303)


@blueprint.post("/provisioning/calendar/holds/<int:hold_id>/decline")
@access.requires(Action.OVERSEE)
def decline(hold_id: int) -> Answer:
    brake.decline(seeing.own_or_404(brake.Hold, hold_id), by=current_user)
    flash(_("The steps are declined. They are skipped."), "success")
    return redirect(url_for(".show"), 303)
