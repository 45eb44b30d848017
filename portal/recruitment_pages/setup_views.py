"""A vacancy's tabs Hiring team and Stages."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, params, seeing
from portal.access import Action
from portal.auth.models import User
from portal.languages import Said, joined, ngettext
from portal.languages import gettext as _
from portal.problems import Problem
from portal.recruitment import stages, vacancies
from portal.recruitment.models import Part, Stage, StageKind, TeamMember, Vacancy
from portal.recruitment_pages.forms import PARTS, STAGE_KINDS, StageForm, TeamForm
from portal.web import Answer, leave_to, page

blueprint = Blueprint("vacancy_setup", __name__, url_prefix="/recruitment")


@blueprint.get("/vacancies/<int:vacancy_id>/team")
@access.requires(Action.TAKE_PART)
def team(vacancy_id: int) -> Answer:
    return _team(seeing.vacancy_or_404(vacancy_id))


def _team(vacancy: Vacancy, form: TeamForm | None = None, *, status: int = 200, **context: Any) -> Answer:
    members = list(
        TeamMember.select(TeamMember, User).join(User).where(TeamMember.vacancy == vacancy).order_by(TeamMember.id)
    )
    context |= {"vacancy": vacancy, "members": members, "tab": "team", "parts": PARTS}
    context["form"] = form or TeamForm(_could_join(vacancy))
    return page("recruitment/team.html", status=status, **context)


def _could_join(vacancy: Vacancy) -> list[User]:
    there: Any = TeamMember.select(TeamMember.user).where(TeamMember.vacancy == vacancy)
    users = User.select().where(User.organisation == vacancy.organisation_id, User.enabled, User.id.not_in(there))
    return list(users.order_by(User.name, User.email))


@blueprint.post("/vacancies/<int:vacancy_id>/team")
@access.requires(Action.RECRUIT)
def add_member(vacancy_id: int) -> Answer:
    vacancy = seeing.vacancy_or_404(vacancy_id)
    form = TeamForm(_could_join(vacancy))
    if not form.validate():
        return _team(vacancy, form, status=422)
    user = seeing.own_or_404(User, form.user.data)
    try:
        vacancies.add_member(vacancy, user, Part(form.part.data), by=current_user)
    except vacancies.CannotJoin as problem:
        form.part.errors = [joined(problem.message, problem.next_step)]
        return _team(vacancy, form, status=problem.status)
    flash(_("%(user)s works on %(title)s now.", user=user.display_name, title=vacancy.title), "success")
    return leave_to(url_for(".team", vacancy_id=vacancy.id))


@blueprint.post("/team/<int:member_id>/remove")
@access.requires(Action.RECRUIT)
def remove_member(member_id: int) -> Answer:
    member = seeing.own_or_404(TeamMember, member_id)
    vacancies.remove_member(member, by=current_user)
    flash(
        _("%(user)s no longer works on %(title)s.", user=member.user.display_name, title=member.vacancy.title),
        "success",
    )
    return leave_to(url_for(".team", vacancy_id=member.vacancy_id))


@blueprint.get("/vacancies/<int:vacancy_id>/stages")
@access.requires(Action.TAKE_PART)
def stage_list(vacancy_id: int) -> Answer:
    return _stages(seeing.vacancy_or_404(vacancy_id))


def _stages(vacancy: Vacancy, form: StageForm | None = None, *, status: int = 200, **context: Any) -> Answer:
    context |= {"vacancy": vacancy, "tab": "stages", "stages": stages.of(vacancy), "kinds": STAGE_KINDS}
    context |= {"people": stages.people_on(vacancy), "form": form or StageForm(formdata=None)}
    return page("recruitment/stages.html", status=status, **context)


@blueprint.post("/vacancies/<int:vacancy_id>/stages")
@access.requires(Action.RECRUIT)
def add_stage(vacancy_id: int) -> Answer:
    vacancy, form = seeing.vacancy_or_404(vacancy_id), StageForm()
    if not form.validate():
        return _stages(vacancy, form, status=422)
    try:
        stages.add(vacancy, form.name.data, StageKind(form.kind.data), by=current_user)
    except Problem as problem:
        return _stages(vacancy, form, status=problem.status, problem=problem)
    return leave_to(url_for(".stage_list", vacancy_id=vacancy.id))


def _stage_or_404(stage_id: int) -> Stage:
    stage: Stage = seeing.own_or_404(Stage, stage_id)
    stage.vacancy = seeing.vacancy_or_404(stage.vacancy_id)
    return stage


@blueprint.get("/stages/<int:stage_id>")
@access.requires(Action.RECRUIT)
def ask_change_stage(stage_id: int) -> Answer:
    stage = _stage_or_404(stage_id)
    return _stage_form(stage, StageForm(formdata=None, obj=stage))


@blueprint.post("/stages/<int:stage_id>")
@access.requires(Action.RECRUIT)
def change_stage(stage_id: int) -> Answer:
    stage, form = _stage_or_404(stage_id), StageForm()
    if not form.validate():
        return _stage_form(stage, form, status=422)
    try:
        stages.change(stage, form.name.data, StageKind(form.kind.data), by=current_user)
    except Problem as problem:
        return _stage_form(stage, form, status=problem.status, problem=problem)
    return leave_to(url_for(".stage_list", vacancy_id=stage.vacancy_id))


def _stage_form(stage: Stage, form: StageForm, *, status: int = 200, **context: Any) -> Answer:
    return page("recruitment/stage_form.html", status=status, stage=stage, form=form, **context)


@blueprint.post("/stages/<int:stage_id>/earlier")
@access.requires(Action.RECRUIT)
def stage_earlier(stage_id: int) -> Answer:
    stage = _stage_or_404(stage_id)
    stages.earlier(stage, by=current_user)
    return leave_to(url_for(".stage_list", vacancy_id=stage.vacancy_id))


@blueprint.get("/stages/<int:stage_id>/delete")
@access.requires(Action.RECRUIT)
def ask_delete_stage(stage_id: int) -> Answer:
    return _delete_form(_stage_or_404(stage_id))


def _delete_form(stage: Stage, *, status: int = 200, **context: Any) -> Answer:
    others = [one for one in stages.of(stage.vacancy) if one.id != stage.id]
    people = stages.people_on(stage.vacancy).get(stage.id, 0)
    return page("recruitment/delete_stage.html", status=status, stage=stage, others=others, people=people, **context)


@blueprint.post("/stages/<int:stage_id>/delete")
@access.requires(Action.RECRUIT)
def delete_stage(stage_id: int) -> Answer:
    stage = _stage_or_404(stage_id)
    to = None
    if "to" in request.form:
        to = Stage.get_or_none(Stage.id == params.number("to"), Stage.vacancy == stage.vacancy_id)
        if to is None:
            raise NotFound()
    try:
        moved = stages.remove(stage, to, by=current_user)
    except Problem as problem:
        return _delete_form(stage, status=problem.status, problem=problem)
    said: Said = _("The stage %(stage)s is deleted.", stage=stage.name)
    if moved and to:
        there = ngettext(
            "%(num)s candidate is on %(stage)s now.", "%(num)s candidates are on %(stage)s now.", moved, stage=to.name
        )
        said = joined(said, there)
    flash(said, "success")
    return leave_to(url_for(".stage_list", vacancy_id=stage.vacancy_id))
