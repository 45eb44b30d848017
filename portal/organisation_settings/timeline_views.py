"""Settings > Timelines: the steps of each kind, for everybody and for some, and whether the kind is in use."""

import hashlib
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, connected, seeing
from portal.access import Action
from portal.connectors import SERVICES
from portal.languages import N_, ngettext
from portal.languages import gettext as _
from portal.organisation_settings.timeline_forms import OwnTemplateForm, TemplateForm, form_of
from portal.organisation_settings.timeline_words import ANCHORS, KINDS, Kept, audience_name
from portal.people import reply_texts
from portal.people.models import Employee
from portal.security import costly
from portal.timeline_templates import abilities, choosing, reach, saving
from portal.timeline_templates.applications import created_at
from portal.timeline_templates.choosing import EVERYBODY, Audience
from portal.timeline_templates.models import Template
from portal.timeline_templates.steps import Anchor, Kind, TemplateStep
from portal.timelines import versions
from portal.web import Answer, fragment, page

blueprint = Blueprint("timeline_settings", __name__, url_prefix="/settings/timelines")
# Employment types to choose from.
MOST = 200


@blueprint.get("")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def show() -> Answer:
    """Each kind of timelines: whether it is in use, and for whom it has steps."""
    organisation = access.organisation()
    kinds = [
        Kept(kind, choosing.in_use(organisation, kind.kind), choosing.templates_of(organisation, kind.kind))
        for kind in KINDS.values()
    ]
    return page("organisation_settings/timelines.html", kinds=kinds, steps_of=choosing.steps_of, name_of=audience_name)


def _kind_or_404(slug: str) -> Any:
    if slug not in KINDS:
        raise NotFound()
    return KINDS[slug]


def _audience_or_404(kind: str) -> Audience:
    """For whom the template is that the address names."""
    field, __, value = request.args.get("for", "").partition(":")
    audience = (field, value)
    known = {(one.field, one.value) for one in choosing.templates_of(access.organisation(), kind)}
    if audience not in known:
        raise NotFound()
    return audience


def _form(template: Template, **options: Any) -> TemplateForm:
    return form_of(template, connected.connections(), **options)


@blueprint.get("/<slug>")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def template(slug: str) -> Answer:
    kind = _kind_or_404(slug)
    found = choosing.current(access.organisation(), kind.kind, _audience_or_404(kind.kind))
    return _page(slug, found, _form(found, formdata=None))


def _page(slug: str, found: Template, form: TemplateForm, *, status: int = 200, own: Any = None) -> Answer:
    organisation, kind = access.organisation(), _kind_or_404(slug)
    audience = (found.field, found.value)
    return page(
        "organisation_settings/timeline.html", status=status, kind=kind, chosen=found, form=form,
        anchors=ANCHORS, on=choosing.in_use(organisation, kind.kind), audience=":".join(filter(None, audience)),
        versions=choosing.versions(organisation, kind.kind, audience),
        templates=choosing.templates_of(organisation, kind.kind), name_of=audience_name,
        own=own or OwnTemplateForm(_employment_types(), formdata=None), refused=_refused,
        waiting=versions.waiting(organisation, kind.kind),
        placeholders=reply_texts.PLACEHOLDERS, preview=_preview(form.texts, kind.kind),
    )  # fmt: skip


def _employment_types() -> list[str]:
    """Those of the Employee List."""
    found = seeing.visible_employees().where(Employee.employment_type != "")
    return list(
        found.select(Employee.employment_type).distinct().order_by(Employee.employment_type).limit(MOST).scalars()
    )


def _refused(step: TemplateStep) -> list[Any]:
    """The connected applications that could carry out the step, and do not allow the portal to do so yet."""
    return [SERVICES[one.service] for one in connected.connections() if abilities.refuses(one, step.ability)]


@blueprint.post("/<slug>")
@access.requires(Action.MANAGE_ADD_ONS)
def save(slug: str) -> Answer:
    kind = _kind_or_404(slug)
    audience = _audience_or_404(kind.kind)
    found = choosing.current(access.organisation(), kind.kind, audience)
    form = _form(found)
    if not form.validate():
        return _page(slug, found, form, status=422)
    try:
        kept = saving.save(
            access.organisation(), kind.kind, audience, chosen=form.chosen, texts=form.texts, by=current_user
        )
    except saving.Contradictory as problem:
        form.problems = problem.problems
        return _page(slug, found, form, status=problem.status)
    saved = _("Saved as version %(version)s.", version=kept.version)
    flash(saved if kept.version != found.version else _("Nothing was changed."), "success")
    return redirect(_back(slug, audience), 303)


def _back(slug: str, audience: Audience = EVERYBODY) -> str:
    whom: dict[str, Any] = {"for": ":".join(audience)} if audience[0] else {}
    return url_for(".template", slug=slug, **whom)


@blueprint.post("/<slug>/preview")
@access.requires(Action.MANAGE_ADD_ONS)
def preview(slug: str) -> Answer:
    """How the reply that is being typed would read."""
    kind = _kind_or_404(slug)
    typed = {name: request.form.get(name, "")[: reply_texts.LONGEST] for name in ("inside", "outside")}
    return fragment("organisation_settings/_reply_preview.html", preview=_preview(typed, kind.kind))


def _preview(texts: dict[str, str], kind: str) -> dict[str, str]:
    """The reply as colleagues and everybody else would read it, with sample data."""
    defaults = reply_texts.DEFAULTS.get(kind, {})
    return {name: reply_texts.filled(texts.get(name) or text, reply_texts.SAMPLE) for name, text in defaults.items()}


@blueprint.post("/<slug>/own")
@access.requires(Action.MANAGE_ADD_ONS)
def add_own(slug: str) -> Answer:
    """Begin a template for an employment type or a country: a copy of everybody's."""
    kind = _kind_or_404(slug)
    own = OwnTemplateForm(_employment_types())
    if not own.validate():
        found = choosing.current(access.organisation(), kind.kind)
        return _page(slug, found, _form(found, formdata=None), status=422, own=own)
    field, __, value = own.who.data.partition(":")
    saving.add_own(access.organisation(), kind.kind, (field, value), by=current_user)
    whom = audience_name(field, value)
    flash(_("%(whom)s now has steps of its own. They begin as a copy of everybody’s.", whom=whom), "success")
    return redirect(_back(slug, (field, value)), 303)


@blueprint.post("/<slug>/own/remove")
@access.requires(Action.MANAGE_ADD_ONS)
def remove_own(slug: str) -> Answer:
    kind = _kind_or_404(slug)
    field, value = _audience_or_404(kind.kind)
    if saving.remove_own(access.organisation(), kind.kind, (field, value), by=current_user):
        flash(_("%(whom)s uses everybody’s steps again.", whom=audience_name(field, value)), "success")
    return redirect(_back(slug), 303)


@blueprint.get("/<slug>/switch")
@access.requires(Action.MANAGE_ADD_ONS)
def ask_switch(slug: str) -> Answer:
    """What switching the kind on or off would do, and to how many people."""
    organisation, kind = access.organisation(), _kind_or_404(slug)
    steps = [
        step
        for step in choosing.steps_of(choosing.current(organisation, kind.kind))
        if step.on and step.anchor != Anchor.ASKED
    ]
    return page(
        "organisation_settings/timeline_switch.html", kind=kind, on=choosing.in_use(organisation, kind.kind),
        steps=steps, created=created_at(steps, connected.connections()) if kind.kind == Kind.JOINER else [],
        reach=reach.of(organisation, kind.kind, today=organisation.today),
    )  # fmt: skip


@blueprint.post("/<slug>/switch")
@access.requires(Action.MANAGE_ADD_ONS)
def switch(slug: str) -> Answer:
    kind = _kind_or_404(slug)
    on = request.form.get("on") == "on"
    change = saving.switch_on if on else saving.switch_off
    change(access.organisation(), kind.kind, by=current_user)
    words = N_("%(kind)s: timelines are on.") if on else N_("%(kind)s: timelines are off.")
    flash(_(words, kind=kind.title), "success")
    return redirect(_back(slug), 303)


@blueprint.get("/<slug>/apply")
@access.requires(Action.MANAGE_ADD_ONS)
def ask_apply(slug: str) -> Answer:
    """What the steps as they are now would change in the timelines that were made before."""
    kind = _kind_or_404(slug)
    found = versions.outdated(access.organisation(), kind.kind, most=MOST)
    return page("organisation_settings/timeline_apply.html", kind=kind, found=found, most=MOST, shown=_seen(found))


@blueprint.post("/<slug>/apply")
@costly
@access.requires(Action.MANAGE_ADD_ONS)
def apply(slug: str) -> Answer:
    """Change those timelines that were shown: what was saved in between is shown first."""
    kind = _kind_or_404(slug)
    found = versions.outdated(access.organisation(), kind.kind, most=MOST)
    if request.form.get("shown") != _seen(found):
        flash(_("The steps have changed since this page was shown. Look at the difference again."), "warning")
        return redirect(url_for(".ask_apply", slug=slug), 303)
    for difference in found:
        versions.apply(difference, by=current_user)
    flash(
        ngettext(
            "The new version applies to %(num)s timeline.", "The new version applies to %(num)s timelines.", len(found)
        ),
        "success",
    )
    return redirect(_back(slug), 303)


def _seen(found: list[versions.Difference]) -> str:
    """The same for the same timelines and versions."""
    return hashlib.sha256("".join(one.mark for one in found).encode()).hexdigest()
