"""Settings > Users > Groups: the groups of a connected application whose members are users of the portal."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.exceptions import NotFound
from wtforms import RadioField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from portal import access, background, connected, params, seeing
from portal.access import Action
from portal.auth.models import AccessLevel
from portal.connections.doctor import next_step_of
from portal.connections.models import Connection
from portal.connectors import SERVICES, for_connection
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.groups import Group
from portal.languages import gettext as _
from portal.languages import joined
from portal.problems import Problem
from portal.sign_in.forms import LevelForm
from portal.user_sources import groups, levels
from portal.user_sources.models import GroupLevel, levels_of
from portal.web import Answer, page

blueprint = Blueprint("user_groups", __name__, url_prefix="/settings/users/groups")
ONE = "/<int:level_id>"
PATIENCE = 5.0
MOST_SHOWN = 200
KEEP, END = "keep", "end"


class GroupLevelForm(LevelForm):
    name = None
    group = SelectField(_("Group"), validate_choice=False, validators=[InputRequired(_("Choose a group."))])


class RemoveForm(FlaskForm):
    then = RadioField(_("What happens to its users"), default=KEEP)


def usable() -> list[Connection]:
    """The connected applications whose groups can make users."""
    able = {key for key, service in SERVICES.items() if service.capabilities.signs_people_in}
    able &= {key for key, service in SERVICES.items() if service.capabilities.has_groups}
    return [one for one in connected.connections() if one.service in able]


def _chosen() -> Connection:
    """The application that the address or the form names, else the first. Raises NotFound."""
    found, asked = usable(), request.values.get("app", "")
    if not found:
        raise NotFound()
    return next((one for one in found if one.service == asked), found[0])


@blueprint.get("")
@access.requires(Action.MANAGE_USERS)
def show() -> Answer:
    return _page(_chosen(), GroupLevelForm(formdata=None, access_level=AccessLevel.EMPLOYEE))


def _page(connection: Connection, form: GroupLevelForm, *, status: int = 200) -> Answer:
    find = params.line("find", most=100)
    found: list[Group] = []
    problem: ConnectorError | None = None
    try:
        found = background.within(PATIENCE, lambda: for_connection(connection).groups(find))
    except background.StillUnderWay:
        problem = TryLater(_("%(service)s did not answer in time.", service=connection.service_name))
    except ConnectorError as error:
        problem = error
    known = levels_of(connection)
    form.group.choices = [SelectChoice(one.id, one.name) for one in found[:MOST_SHOWN]]
    sources = list(levels.of_any(connection))
    return page(
        "sign_in/groups.html", status=status, connection=connection, form=form, find=find,
        problem=joined(problem.message, next_step_of(problem)) if problem else "",
        many=len(found) >= MOST_SHOWN, levels=[(level, len(levels.users_by(level, connection))) for level in known],
        held=[source for source in sources if source.held], tabs=_tabs(connection), organisation=access.organisation(),
    )  # fmt: skip


def _tabs(chosen: Connection) -> list[tuple[str, str, bool]]:
    found = usable()
    tabs = [(str(one.service_name), url_for(".show", app=one.service), one.id == chosen.id) for one in found]
    return tabs if len(tabs) > 1 else []


@blueprint.post("")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def add() -> Answer:
    connection, form = _chosen(), GroupLevelForm()
    if not form.validate():
        return _page(connection, form, status=422)
    try:
        found = background.within(PATIENCE, lambda: for_connection(connection).group(form.group.data or ""))
        _add(connection, found, form)
    except (Problem, ConnectorError, background.StillUnderWay) as problem:
        form.group.errors = [joined(getattr(problem, "message", ""), getattr(problem, "next_step", _("Try again.")))]
        return _page(connection, form, status=422)
    done = _("Members of %(group)s have access when they sign in with %(application)s.", group=found.name,
             application=connection.service_name)  # fmt: skip
    return _done(connection, done)


def _add(connection: Connection, group: Group, form: GroupLevelForm) -> None:
    levels.add(connection, group, access_level=AccessLevel(form.access_level.data), part=form.held_to, by=current_user)


def _level_or_404(level_id: int) -> tuple[GroupLevel, Connection]:
    level = seeing.own_or_404(GroupLevel, level_id)
    connection = next((one for one in usable() if one.service == level.service), None)
    if connection is None or connection.tenant_id != level.tenant_id:
        raise NotFound()
    return level, connection


@blueprint.post(f"{ONE}/up")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def up(level_id: int) -> Answer:
    level, connection = _level_or_404(level_id)
    levels.move_up(level, connection, by=current_user)
    return _done(connection, _("%(group)s now decides earlier.", group=level.group_name))


@blueprint.get(f"{ONE}/remove")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def ask_remove(level_id: int) -> Answer:
    level, connection = _level_or_404(level_id)
    return page("sign_in/remove_group.html", level=level, connection=connection, form=_remove_form(),
                users=[source.user for source in levels.users_by(level, connection)])  # fmt: skip


def _remove_form() -> RemoveForm:
    form = RemoveForm()
    form.then.choices = [
        SelectChoice(KEEP, _("They stay users, and Admins look after them here")),
        SelectChoice(END, _("Their access ends, unless another group in the list gives it")),
    ]
    return form


@blueprint.post(f"{ONE}/remove")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def remove(level_id: int) -> Answer:
    level, connection = _level_or_404(level_id)
    end = _remove_form().then.data == END
    levels.remove(level, connection, keep=not end, by=current_user)
    if end:
        _read(connection, approved=True)
    return _done(connection, _("%(group)s gives no access any more.", group=level.group_name))


@blueprint.post("/read")
@access.requires(Action.MANAGE_USERS)
def read() -> Answer:
    connection = _chosen()
    return _done(connection, _read(connection, approved=False))


@blueprint.post("/end")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def end() -> Answer:
    """The word of an Admin: those who left their groups lose the access, however many they are."""
    connection = _chosen()
    return _done(connection, _read(connection, approved=True))


def _read(connection: Connection, *, approved: bool) -> str:
    """Have the groups read, and what came of it as a sentence."""
    try:
        waiting = background.within(PATIENCE, lambda: groups.read(connection, approved=approved))
    except background.StillUnderWay:
        return _("This is taking longer than usual. The page shows the outcome in a minute.")
    if any(level.problem for level in levels_of(connection)):
        return _("Not every group could be read, so nobody’s access has changed.")
    if waiting:
        return _("The groups are read. Many people have left them: see below.")
    return _("The groups are read.")


def _done(connection: Connection, message: str) -> Answer:
    flash(message, "success")
    return redirect(url_for(".show", app=connection.service), 303)
