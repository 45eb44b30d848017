"""Recruitment > Vacancies: the list, adding and changing one, and whether it is seen from outside."""

from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, params, seeing
from portal.access import Action
from portal.config import settings
from portal.languages import gettext as _
from portal.languages import joined, ngettext
from portal.people.searching import departments
from portal.problems import Problem
from portal.recruitment import choices, queries, sight, vacancies
from portal.recruitment.models import Ended, Vacancy, days_since
from portal.recruitment_pages.forms import CloseForm, VacancyForm
from portal.web import Answer, leave_to, page

blueprint = Blueprint("vacancies", __name__, url_prefix="/recruitment")


blueprint.add_app_template_filter(days_since, "days_since")


@blueprint.app_template_global()
def sees_recruitment() -> bool:
    """Whether the menu has Recruitment: for Admins, and for those who work on a vacancy."""
    if "sees_recruitment" not in g:
        g.sees_recruitment = access.may(Action.TAKE_PART) and sight.takes_part(current_user)
    return bool(g.sees_recruitment)


def need_part() -> None:
    """Raises NotFound for a user who has nothing to see here."""
    if not sees_recruitment():
        raise NotFound()


@blueprint.get("")
@access.requires(Action.TAKE_PART)
def begin() -> Answer:
    return redirect(url_for(".show"))


@blueprint.get("/vacancies")
@access.requires(Action.TAKE_PART, advertised=True)
def show() -> Answer:
    need_part()
    tab = queries.CLOSED if request.args.get("show") == queries.CLOSED else queries.CURRENT
    rows = queries.vacancy_page(current_user, tab, after=params.number("after"))
    return page("recruitment/vacancies.html", rows=rows, tab=tab)


@blueprint.get("/vacancies/add")
@access.requires(Action.RECRUIT)
def ask_add() -> Answer:
    return _form(VacancyForm(seeing.visible_employees()))


@blueprint.post("/vacancies/add")
@access.requires(Action.RECRUIT)
def add() -> Answer:
    form = VacancyForm(seeing.visible_employees())
    if not form.validate():
        return _form(form, status=422)
    vacancy = vacancies.add(access.organisation(), form.values(), by=current_user)
    flash(
        _("%(title)s has been added. Nobody outside sees it before you press Publish.", title=vacancy.title), "success"
    )
    return leave_to(url_for("board.show", vacancy_id=vacancy.id))


@blueprint.get("/vacancies/<int:vacancy_id>/details")
@access.requires(Action.TAKE_PART)
def details(vacancy_id: int) -> Answer:
    vacancy = seeing.vacancy_or_404(vacancy_id)
    careers_page = choices.of(access.organisation()).careers_page
    return page("recruitment/details.html", vacancy=vacancy, tab="details", careers_page=careers_page)


@blueprint.get("/vacancies/<int:vacancy_id>/edit")
@access.requires(Action.RECRUIT)
def ask_edit(vacancy_id: int) -> Answer:
    vacancy = seeing.vacancy_or_404(vacancy_id)
    return _form(VacancyForm(seeing.visible_employees(), vacancy), vacancy)


@blueprint.post("/vacancies/<int:vacancy_id>/edit")
@access.requires(Action.RECRUIT)
def edit(vacancy_id: int) -> Answer:
    vacancy = seeing.vacancy_or_404(vacancy_id)
    form = VacancyForm(seeing.visible_employees(), vacancy)
    if not form.validate():
        return _form(form, vacancy, status=422)
    try:
        changed = vacancies.edit(vacancy, form.values(), by=current_user, opened_as=form.opened_as.data or "")
    except vacancies.ChangedMeanwhile as problem:
        return _form(form, vacancy, status=409, differences=form.show_beside(problem.current))
    flash(_("The changes have been saved.") if changed else _("Nothing was changed."), "success" if changed else "info")
    return leave_to(url_for(".details", vacancy_id=vacancy.id))


def _form(form: VacancyForm, vacancy: Vacancy | None = None, *, status: int = 200, **context: Any) -> Answer:
    context |= {"form": form, "vacancy": vacancy, "departments": departments(seeing.visible_employees())}
    return page("recruitment/vacancy_form.html", status=status, **context)


@blueprint.post("/vacancies/<int:vacancy_id>/publish")
@access.requires(Action.RECRUIT)
def publish(vacancy_id: int) -> Answer:
    vacancy = seeing.vacancy_or_404(vacancy_id)
    try:
        vacancies.publish(vacancy, by=current_user)
    except Problem as problem:
        flash(joined(problem.message, problem.next_step), "danger")
    else:
        flash(_("%(title)s takes applications now.", title=vacancy.title), "success")
    return leave_to(url_for("board.show", vacancy_id=vacancy.id))


@blueprint.post("/vacancies/<int:vacancy_id>/pause")
@access.requires(Action.RECRUIT)
def pause(vacancy_id: int) -> Answer:
    vacancy = seeing.vacancy_or_404(vacancy_id)
    vacancies.pause(vacancy, by=current_user)
    flash(_("%(title)s takes no applications until you publish it again.", title=vacancy.title), "success")
    return leave_to(url_for("board.show", vacancy_id=vacancy.id))


@blueprint.get("/vacancies/<int:vacancy_id>/close")
@access.requires(Action.RECRUIT)
def ask_close(vacancy_id: int) -> Answer:
    return _close_form(seeing.vacancy_or_404(vacancy_id), CloseForm(formdata=None))


@blueprint.post("/vacancies/<int:vacancy_id>/close")
@access.requires(Action.RECRUIT)
def close(vacancy_id: int) -> Answer:
    vacancy, form = seeing.vacancy_or_404(vacancy_id), CloseForm()
    if not form.validate():
        return _close_form(vacancy, form, status=422)
    ended = vacancies.close(
        vacancy, by=current_user, reason=form.reason.data, end_all=form.what.data == Ended.NOT_TAKEN
    )
    told = [_("%(title)s is closed.", title=vacancy.title)]
    if ended:
        told.append(
            ngettext(
                "%(num)s application was ended as not taken.", "%(num)s applications were ended as not taken.", ended
            )
        )
    flash(joined(*told, _("Nobody was written to.")), "success")
    return leave_to(url_for(".show"))


def _close_form(vacancy: Vacancy, form: CloseForm, *, status: int = 200) -> Answer:
    still = vacancies.open_applications(vacancy).count()
    return page("recruitment/close.html", status=status, vacancy=vacancy, form=form, still=still)


@blueprint.app_template_global()
def careers_url(vacancy: Vacancy | None = None) -> str:
    """The address of the organisation's careers page, or of a vacancy there, as people outside use it."""
    parts: list[Any] = [settings().public_url.rstrip("/"), "careers", choices.word_of(access.organisation())]
    return "/".join([*parts, vacancy.address] if vacancy else parts)
