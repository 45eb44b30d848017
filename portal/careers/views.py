"""The careers page of an organisation: its open vacancies, each with the form to apply. For everybody."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from portal import access
from portal.arrivals import most_bytes
from portal.candidate_care.own_page import consent_to
from portal.careers import applying, guard, language, oversize, postings
from portal.careers.forms import TRAP, ApplyForm, form_for
from portal.config import settings
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature
from portal.plain_text import paragraphs
from portal.recruitment import choices
from portal.recruitment.file_kinds import ENDINGS, LARGEST, TAKEN
from portal.recruitment.models import RecruitmentSettings, Vacancy, VacancyState
from portal.security import limiter
from portal.web import Answer, is_from_own_page, page

blueprint = Blueprint("careers", __name__)
LIST = "/careers/<organisation>"
VACANCY = f"{LIST}/<vacancy>"
# Two files, and what is typed.
LARGEST_FORM = 2 * LARGEST + 1024 * 1024
ACCEPT = ",".join(ending for endings in ENDINGS.values() for ending in endings)
blueprint.add_app_template_filter(paragraphs)
language.speak(blueprint)


class Moved(Exception):
    """The organisation has another word in the address of its careers page now."""

    def __init__(self, url: str):
        super().__init__(url)
        self.url = url


@blueprint.errorhandler(Moved)
def lead_on(moved: Moved) -> Any:
    return redirect(moved.url, 308)


def _organisation(word: str) -> tuple[Organisation, RecruitmentSettings]:
    """The organisation with this word, if it has a careers page. Raises NotFound, and Moved."""
    organisation = choices.organisation_at(word)
    if organisation is None or not organisation.has(Feature.RECRUITMENT):
        raise NotFound()
    chosen = choices.of(organisation)
    if not chosen.careers_page:
        raise NotFound()
    present = choices.word_of(organisation)
    if present != word:
        values = {**(request.view_args or {}), "organisation": present}
        raise Moved(url_for(request.endpoint or ".show", **values))
    language.settle(organisation)
    return organisation, chosen


def _open(organisation: Organisation) -> list[Vacancy]:
    """Its open vacancies, the newest first."""
    mine = Vacancy.select().where(Vacancy.organisation == organisation, Vacancy.state == VacancyState.OPEN)
    found = list(mine.order_by(Vacancy.published_at.desc(), Vacancy.id.desc()))
    for vacancy in found:
        vacancy.organisation = organisation
    return [vacancy for vacancy in found if vacancy.is_open]


def _vacancy(organisation: Organisation, address: str) -> Vacancy | None:
    """The vacancy while it is open; None for all others and for none, which look alike."""
    found: Vacancy | None = Vacancy.get_or_none(Vacancy.organisation == organisation, Vacancy.address == address)
    if found is None or not found.is_open:
        return None
    language.settle(organisation, found.country)
    return found


@blueprint.get("/robots.txt")
@access.public
def robots() -> Any:
    """Search engines are welcome on the careers pages, and nowhere else."""
    answer = make_response("User-agent: *\nAllow: /careers/\nAllow: /static/\nDisallow: /\n")
    answer.content_type = "text/plain; charset=utf-8"
    return answer


@blueprint.get(LIST)
@access.public
def show(organisation: str) -> Answer:
    found, chosen = _organisation(organisation)
    return page("careers/careers.html", organisation=found, word=organisation, chosen=chosen, vacancies=_open(found))


@blueprint.get(f"{LIST}/privacy/notice")
@access.public
def privacy(organisation: str) -> Answer:
    found, chosen = _organisation(organisation)
    return page("careers/privacy.html", organisation=found, word=organisation, chosen=chosen)


@blueprint.get(VACANCY)
@access.public
def vacancy(organisation: str, vacancy: str) -> Answer:
    found, chosen = _organisation(organisation)
    opened = _vacancy(found, vacancy)
    if opened is None:
        return _closed(found, organisation)
    return _page(opened, organisation, chosen, form_for(opened, _consent(chosen), formdata=None))


@blueprint.post(VACANCY)
@limiter.limit(guard.TRIES, key_func=guard.network)
@most_bytes(LARGEST_FORM)
@access.public
def send(organisation: str, vacancy: str) -> Answer:
    """Take the application. The answer is the same for a first and for a second one."""
    found, chosen = _organisation(organisation)
    opened = _vacancy(found, vacancy)
    if opened is None:
        return _closed(found, organisation)
    language.choose(request.form.get("language", ""))
    form = form_for(opened, _consent(chosen))
    files = applying.Files(form, opened)
    if "language" in request.form:
        return _page(opened, organisation, chosen, form, files=files)
    status = applying.take(form, opened, files)
    if status:
        return _page(opened, organisation, chosen, form, files=files, status=status)
    return redirect(url_for(".sent", organisation=organisation, vacancy=vacancy), 303)


@blueprint.errorhandler(413)
def too_large(error: RequestEntityTooLarge) -> Any:
    """The form again with what was typed; only its files are lost."""
    if request.endpoint != f"{blueprint.name}.send":
        return error

    def filled(opened: Vacancy, chosen: RecruitmentSettings) -> ApplyForm:
        fields = oversize.typed(request.environ["wsgi.input"], request.content_type or "")
        form = form_for(opened, _consent(chosen), formdata=fields)
        largest = LARGEST // 1024 // 1024
        form.complain(
            form.cv, _("Your files are too large. Choose files of at most %(largest)s MB each.", largest=largest)
        )
        return form

    return _form_again(filled, 413)


@blueprint.errorhandler(CSRFError)
def expired(error: CSRFError) -> Any:
    """The form again, when the browser has forgotten its session since; what was typed on another site is not shown."""

    def filled(opened: Vacancy, chosen: RecruitmentSettings) -> ApplyForm:
        form = form_for(opened, _consent(chosen), formdata=request.form if is_from_own_page() else None)
        form.refuse(_("This form was open for too long. Check what you entered, choose your files, and send it again."))
        return form

    return _form_again(filled, 400)


def _form_again(filled: Callable[[Vacancy, RecruitmentSettings], ApplyForm], status: int) -> Any:
    word, address = (request.view_args or {})["organisation"], (request.view_args or {})["vacancy"]
    try:
        found, chosen = _organisation(word)
    except (NotFound, Moved) as elsewhere:
        # What one handler raises no other one is asked about.
        return current_app.handle_user_exception(elsewhere)
    opened = _vacancy(found, address)
    if opened is None:
        return _closed(found, word)
    form = filled(opened, chosen)
    return _page(opened, word, chosen, form, files=applying.Files(form, opened), status=status)


@blueprint.get(f"{VACANCY}/sent")
@access.public
def sent(organisation: str, vacancy: str) -> Answer:
    found, _chosen = _organisation(organisation)
    opened = _vacancy(found, vacancy)
    return page("careers/sent.html", organisation=found, word=organisation, vacancy=opened)


def _consent(chosen: RecruitmentSettings) -> str:
    return consent_to(chosen.talent_months)


def _page(
    opened: Vacancy, word: str, chosen: RecruitmentSettings, form: ApplyForm,
    *, files: applying.Files | None = None, status: int = 200,
) -> Answer:  # fmt: skip
    own = f"{settings().public_url.rstrip('/')}{url_for('.vacancy', organisation=word, vacancy=opened.address)}"
    return page(
        "careers/vacancy.html", status=status, organisation=opened.organisation, word=word, chosen=chosen,
        vacancy=opened, form=form, opened=guard.opened(opened), keys=files.keys() if files else {},
        kept=files.found if files else {}, trap=TRAP, accept=ACCEPT, taken=TAKEN,
        largest=LARGEST // 1024 // 1024, own_address=own, posting=postings.posting(opened, own),
    )  # fmt: skip


def _closed(organisation: Organisation, word: str) -> Answer:
    return page("careers/closed.html", status=404, organisation=organisation, word=word)


@blueprint.errorhandler(404)
@blueprint.errorhandler(429)
def problem(error: HTTPException) -> Answer:
    """What people who apply are told; to sign in, as the portal's other pages offer, is of no use to them."""
    answer = page("careers/problem.html", status=error.code or 404, code=error.code)
    for name, value in error.get_headers():
        if name == "Retry-After":
            answer.headers[name] = value
    return answer
