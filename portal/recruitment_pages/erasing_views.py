"""Recruitment > Candidates > Data to be deleted: whose data goes within a week, who asks for it, deleting it."""

from flask import Blueprint, flash, url_for
from flask_login import current_user

from portal import access, params, seeing
from portal.access import Action
from portal.candidate_care import erasing, retention
from portal.candidate_care.models import ErasureNotice
from portal.interviews import planning
from portal.languages import gettext as _
from portal.paging import page_of
from portal.recruitment import sight
from portal.recruitment.models import Candidate
from portal.web import Answer, leave_to, page

blueprint = Blueprint("candidate_erasing", __name__, url_prefix="/recruitment")


@blueprint.app_template_global()
def data_to_delete() -> int:
    """How many candidates are on the list, for an Admin."""
    if not access.may(Action.RECRUIT):
        return 0
    count: int = retention.soon(access.organisation()).where(sight.not_own(current_user)).count()
    return count


@blueprint.get("/data-to-delete")
@access.requires(Action.RECRUIT)
def show() -> Answer:
    soon = retention.soon(access.organisation()).where(sight.not_own(current_user)).order_by()
    rows = page_of(soon, Candidate.id, params.number("after"))
    notices = ErasureNotice.select().where(ErasureNotice.candidate.in_([one.id for one in rows.rows]))
    return page("recruitment/to_delete.html", rows=rows, notices={one.candidate_id: one for one in notices})


@blueprint.get("/candidates/<int:candidate_id>/delete")
@access.requires(Action.RECRUIT)
@access.password_first
def ask_erase(candidate_id: int) -> Answer:
    candidate = seeing.candidate_or_404(candidate_id)
    return page(
        "recruitment/erase.html", candidate=candidate, hired=erasing.was_hired(candidate),
        coming=planning.coming(candidate),
    )  # fmt: skip


@blueprint.post("/candidates/<int:candidate_id>/delete")
@access.requires(Action.RECRUIT)
@access.password_first
def erase(candidate_id: int) -> Answer:
    erasing.tell_and_erase(seeing.candidate_or_404(candidate_id), by=current_user)
    flash(_("The candidate’s data has been deleted."), "success")
    return leave_to(url_for("candidates.show"))
