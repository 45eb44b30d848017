"""Settings > Users: who may sign in to the organisation's portal."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user

from portal import access, mail, params, seeing
from portal.access import Action
from portal.auth import actions, linked_sign_ins, links, second_factor, users
from portal.auth.actions import UserRefused
from portal.auth.models import AccessLevel, Invitation, User, UserSource
from portal.connectors import SERVICES
from portal.controls.table import way_in_key
from portal.languages import gettext as _
from portal.languages import joined, listed
from portal.logs import log
from portal.mail import lane
from portal.mailboxes import ending
from portal.organisations.models import Organisation
from portal.security import limiter, user_or_address
from portal.sign_in import group_views
from portal.sign_in.forms import InviteForm, UserForm
from portal.web import Answer, page

blueprint = Blueprint("users", __name__, url_prefix="/settings/users")
# Seconds that an Admin waits for the mail server.
PATIENCE = 3.0
# Of controls.table, beside the one of each application.
SWITCHES = ("admins_need_second_factor", "outside_sign_in_required")


@blueprint.get("")
@access.requires(Action.MANAGE_USERS)
def user_list() -> Answer:
    return _list()


def _list(*, status: int = 200, **context: Any) -> Answer:
    organisation, chosen = access.organisation(), users.Filter.read(request.args)
    shown = users.page_of_users(organisation, chosen, params.number("after"))
    sources = users.sources_of(organisation)
    return page(
        "sign_in/users.html", status=status, organisation=organisation, users=shown, chosen=chosen,
        linked=linked_sign_ins.linked_by(organisation, shown.rows), not_linked=linked_sign_ins.not_linked(organisation),
        invitations=links.invitations_of(organisation), services=linked_sign_ins.connected(organisation),
        sources={row.user_id: row for row in sources.where(UserSource.user.in_([user.id for user in shown.rows]))},
        from_elsewhere_count=sources.count(), levels={level: _(level) for level in AccessLevel},
        by_groups=bool(group_views.usable()), **_ways_in(organisation), **context,
    )  # fmt: skip


def _ways_in(organisation: Organisation) -> dict[str, Any]:
    """With what users may sign in, in words, and the settings of the page that a second Admin decides."""
    allowed = [service for key, service in SERVICES.items() if key in organisation.ways_in]
    return {
        "way_in": listed((one.words.signs_in for one in allowed), "or") if allowed else "",
        "way_in_applications": listed((one.name for one in allowed), "or"),
        "decided_by_two": [*SWITCHES, *(way_in_key(one.key) for one in linked_sign_ins.able())],
    }


def _done(message: str) -> Answer:
    flash(message, "success")
    return redirect(url_for(".user_list"), 303)


@blueprint.get("/invite")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def ask_invite() -> Answer:
    return page("sign_in/invite.html", form=InviteForm(access_level=AccessLevel.EMPLOYEE))


@blueprint.post("/invite")
@limiter.limit("60 per hour", key_func=user_or_address)
@access.requires(Action.MANAGE_USERS)
@access.password_first
def invite() -> Answer:
    form = InviteForm()
    if not form.validate():
        return page("sign_in/invite.html", status=422, form=form)
    level = AccessLevel(form.access_level.data)
    try:
        invitation = links.invite(
            access.organisation(), form.email.data, form.name.data or "", level, by=current_user, **form.held_to
        )
    except UserRefused as problem:
        form.email.errors = [problem.message]
        return page("sign_in/invite.html", status=problem.status, form=form)
    return _mailed(invitation)


@blueprint.post("/invitations/<int:invitation_id>/send")
@limiter.limit("60 per hour", key_func=user_or_address)
@access.requires(Action.MANAGE_USERS)
@access.password_first
def send_again(invitation_id: int) -> Answer:
    return _mailed(seeing.own_or_404(Invitation, invitation_id))


def _mailed(invitation: Invitation) -> Answer:
    """Have the invitation mailed, and say what came of it within a few seconds; the list says it afterwards."""
    try:
        message = links.write_invitation(invitation, by=current_user)
        lane.OTHER.within(PATIENCE, lambda: links.send_invitation(invitation, message))
    except mail.NotSent as problem:
        log.warning("invitation not sent", invitation=invitation.id, reason=str(problem))
        if problem.kind == mail.Kind.UNKNOWN:
            invited = _("%(email)s is invited, but the email may not have arrived.", email=invitation.email)
        else:
            invited = _("%(email)s is invited, but the email was not sent.", email=invitation.email)
        flash(joined(invited, problem.message, _("Try “Send again” later.")), "warning")
        return redirect(url_for(".user_list"), 303)
    except lane.NotYet as slow:
        words = (
            _("The list below shows whether it was sent.")
            if slow.begun
            else _("The email was not sent. Try “Send again” later.")
        )
        slowly = _("%(email)s is invited. The mail server is slow at the moment.", email=invitation.email)
        flash(joined(slowly, words), "warning")
        return redirect(url_for(".user_list"), 303)
    return _done(_("The invitation is on its way to %(email)s.", email=invitation.email))


@blueprint.post("/invitations/<int:invitation_id>/withdraw")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def withdraw(invitation_id: int) -> Answer:
    invitation = seeing.own_or_404(Invitation, invitation_id)
    links.withdraw(invitation, by=current_user)
    return _done(_("The invitation to %(email)s is withdrawn.", email=invitation.email))


@blueprint.get("/<int:user_id>")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def ask_change(user_id: int) -> Answer:
    user = seeing.own_or_404(User, user_id)
    return _user_page(user, UserForm(obj=user), invitations=links.made_by(user))


@blueprint.app_template_global()
def from_elsewhere(user: User) -> bool:
    """Whether a group or another system made the user, who then has no password at first."""
    return users.source_of(user) is not None


def _user_page(user: User, form: UserForm, *, status: int = 200, **context: Any) -> Answer:
    return page(
        "sign_in/user.html", status=status, user=user, form=form, source=users.source_of(user),
        linked=linked_sign_ins.links_of(user), **context,
    )  # fmt: skip


@blueprint.post("/<int:user_id>")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def change(user_id: int) -> Answer:
    user, form = seeing.own_or_404(User, user_id), UserForm()
    if not form.validate():
        return _user_page(user, form, status=422)
    level = AccessLevel(form.access_level.data)
    try:
        users.change_user(user, name=form.name.data or "", access_level=level, by=current_user, **form.held_to)
    except (users.LastAdmin, users.NoBreakGlass, users.FromElsewhere) as problem:
        form.access_level.errors = [joined(problem.message, problem.next_step)]
        return _user_page(user, form, status=problem.status)
    return _done(_("%(email)s is saved.", email=user.email))


@blueprint.get("/<int:user_id>/deactivate")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def ask_deactivate(user_id: int) -> Answer:
    user = seeing.own_or_404(User, user_id)
    return page("sign_in/deactivate_user.html", user=user, invitations=links.made_by(user))


@blueprint.post("/<int:user_id>/deactivate")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def deactivate(user_id: int) -> Answer:
    user = seeing.own_or_404(User, user_id)
    users.deactivate(user, by=current_user)
    ending.end_of(user, by=current_user)
    return _done(_("%(email)s can no longer sign in.", email=user.email))


@blueprint.post("/<int:user_id>/reactivate")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def reactivate(user_id: int) -> Answer:
    user = seeing.own_or_404(User, user_id)
    users.reactivate(user, by=current_user)
    return _done(_("%(email)s can sign in again.", email=user.email))


@blueprint.post("/<int:user_id>/decide-here")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def decide_here(user_id: int) -> Answer:
    """Neither a group nor another system decides about this user any more."""
    user = seeing.own_or_404(User, user_id)
    users.decide_here(user, by=current_user)
    flash(_("From now on Admins decide about %(email)s here.", email=user.email), "success")
    return redirect(url_for(".ask_change", user_id=user.id), 303)


@blueprint.post("/<int:user_id>/sign-out")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def sign_out(user_id: int) -> Answer:
    """For a user whose device was lost, say."""
    user = seeing.own_or_404(User, user_id)
    actions.sign_out_everywhere(user, by=current_user)
    return _done(_("%(email)s is signed out on every device.", email=user.email))


@blueprint.post("/<int:user_id>/remove-second-factor")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def remove_second_factor(user_id: int) -> Answer:
    """For a user who has lost their phone and their recovery codes."""
    user = seeing.own_or_404(User, user_id)
    second_factor.turn_off(user, by=current_user)
    return _done(
        _("%(email)s signs in with the password only, until they set up two-step sign-in again.", email=user.email)
    )
