"""Settings > Recruitment."""

from flask import Blueprint, flash, redirect, url_for
from flask_login import current_user

from portal import access
from portal.access import Action
from portal.languages import gettext as _
from portal.recruitment import choices
from portal.recruitment.candidates import FieldRefused
from portal.recruitment_pages.forms import RecruitmentForm
from portal.web import Answer, page

blueprint = Blueprint("recruitment_settings", __name__, url_prefix="/settings/recruitment")
FIELDS = ("careers_page", "introduction", "privacy_notice", "keep_months", "talent_months")


@blueprint.get("")
@access.requires(Action.RECRUIT, advertised=True)
def show() -> Answer:
    chosen = choices.of(access.organisation())
    return _page(RecruitmentForm(formdata=None, obj=chosen, address=choices.word_of(access.organisation())))


@blueprint.post("")
@access.requires(Action.RECRUIT)
def change() -> Answer:
    form = RecruitmentForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        values = {name: form[name].data for name in FIELDS}
        choices.change(access.organisation(), form.address.data, values, by=current_user)
    except FieldRefused as problem:
        form.address.errors = [*form.address.errors, problem.message]
        return _page(form, status=422)
    flash(_("The settings of recruitment are saved."), "success")
    return redirect(url_for(".show"), 303)


def _page(form: RecruitmentForm, *, status: int = 200) -> Answer:
    return page("recruitment/settings.html", status=status, form=form)
