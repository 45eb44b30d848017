"""Two records of one candidate: the likely ones, the evidence, and the question before they are merged."""

from flask import Blueprint, flash, url_for
from flask_login import current_user

from portal import access, params, seeing
from portal.access import Action
from portal.candidate_care import merging
from portal.languages import gettext as _
from portal.problems import Problem
from portal.recruitment import candidates, queries
from portal.recruitment.models import Candidate
from portal.web import Answer, leave_to, page

blueprint = Blueprint("candidate_merging", __name__, url_prefix="/recruitment/candidates/<int:candidate_id>/merge")


@blueprint.get("")
@access.requires(Action.RECRUIT)
def ask(candidate_id: int) -> Answer:
    """The candidates who may be the same person; with one of them chosen, both beside each other."""
    kept = seeing.candidate_or_404(candidate_id)
    chosen = params.number("other")
    if chosen is None:
        filters = queries.CandidateFilter(q=(params.line("q") or "")[:200])
        found = queries.matching(current_user, filters).where(Candidate.id != kept.id) if filters.q else None
        others = list(found.order_by(Candidate.id.desc()).limit(merging.MOST)) if found is not None else []
        alike = merging.alike(kept, current_user)
        return page(
            "recruitment/merge.html", kept=kept, alike=alike, others=others, q=filters.q,
            addresses=candidates.addresses_of([*(one.candidate for one in alike), *others]),
        )  # fmt: skip
    return _question(kept, seeing.candidate_or_404(chosen))


def _question(kept: Candidate, other: Candidate, *, problem: Problem | None = None) -> Answer:
    both = [kept, other]
    return page(
        "recruitment/merge_two.html", status=problem.status if problem else 200, kept=kept, other=other,
        reasons=merging.reasons(kept, other), addresses=candidates.addresses_of(both), problem=problem,
        applications=queries.applications_of(current_user, both),
    )  # fmt: skip


@blueprint.post("")
@access.requires(Action.RECRUIT)
@access.password_first
def merge(candidate_id: int) -> Answer:
    kept = seeing.candidate_or_404(candidate_id)
    other = seeing.candidate_or_404(params.number("other") or 0)
    try:
        merging.merge(kept, other, by=current_user)
    except Problem as problem:
        return _question(kept, other, problem=problem)
    flash(_("The two records of %(kept)s are one now.", kept=kept.name), "success")
    return leave_to(url_for("candidates.profile", candidate_id=kept.id))
