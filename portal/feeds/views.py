"""Settings > Integrations > Feeds: making and changing a feed, and its page."""

from collections.abc import Iterator

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, doors, seeing
from portal.access import Action
from portal.config import settings
from portal.feed_sources import KINDS, SIGNED_IN, Kind, SourceProblem, fingerprint
from portal.feeds import actions, jobs, models, owning, running
from portal.feeds.forms import OWNERS, FileForm, form_for, owners_form
from portal.feeds.models import LOGGED, OPEN, Feed, FeedIssue, FeedPerson, FeedRun, Owner, RunState
from portal.import_plans.lines import label
from portal.languages import gettext as _
from portal.languages import joined, pgettext
from portal.organisations.models import Organisation
from portal.security import costly
from portal.web import Answer, leave_to, page, swap

blueprint = Blueprint("feeds", __name__, url_prefix="/settings/integrations/feeds")
ONE = "/<int:feed_id>"
SHOWN = 100


def doors_of(organisation: Organisation) -> Iterator[doors.Door]:
    """The feeds of the organisation."""
    for feed in Feed.select().where(Feed.organisation == organisation).order_by(Feed.id):
        _colour, _icon, word = status_of(feed)
        remark = word if word in ("Waits for you", "No answer") else ""
        state = (_("Active") if feed.last_good_at else _("Has not run yet")) if remark else word
        yield doors.Door(
            feed.name, _("Feed"), state, "feeds.show", {"feed_id": feed.id},
            "feeds.pause", "feeds.resume",
            KINDS[feed.kind].label, feed.last_good_at, feed.stopped_why, feed.paused_at is not None, remark,
        )  # fmt: skip


doors.register(
    doors.Subject(
        "feeds",
        _("Feeds"),
        _("The portal fetches the records of employees from your HR system and shows what would change."),
        doors_of,
        ((_("New feed"), "feeds.choose", {}),),
        _("With a feed, people are entered once in your HR system, and the Employee List follows."),
    )
)


def status_of(feed: Feed) -> tuple[str, str, str]:
    """How the feed is, for a badge: colour, icon and word."""
    if feed.stopped_at is not None:
        return "red", "exclamation-circle", pgettext("feed", "Stopped")
    if feed.paused_at is not None:
        return "yellow", "pause-circle", _("Paused")
    last = last_run(feed)
    if last is not None and last.state in (RunState.PREVIEW, RunState.ASKS):
        return "yellow", "hand-raised", _("Waits for you")
    if last is not None and last.state in OPEN:
        return "blue", "arrow-path", _("Running")
    if feed.failures:
        return "yellow", "exclamation-triangle", _("No answer")
    return (
        ("green", "check-circle", _("Works"))
        if feed.last_good_at
        else ("secondary", "minus-circle", _("Has not run yet"))
    )


def last_run(feed: Feed) -> FeedRun | None:
    """The latest run that was no trial."""
    return (
        FeedRun.select().where(FeedRun.feed == feed, FeedRun.how != "with a file").order_by(FeedRun.id.desc()).first()
    )


def _kind(key: str) -> Kind:
    if key not in KINDS:
        raise NotFound()
    return KINDS[key]


@blueprint.get("/new")
@access.requires(Action.MANAGE_INTEGRATIONS)
def choose() -> Answer:
    return page("feeds/choose.html", kinds=KINDS.values())


@blueprint.get("/new/<kind>")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_make(kind: str) -> Answer:
    return page("feeds/form.html", form=form_for(_kind(kind), access.organisation()), feed=None)


@blueprint.post("/new/<kind>")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def make(kind: str) -> Answer:
    form = form_for(_kind(kind), access.organisation())
    if not form.validate():
        return page("feeds/form.html", status=422, form=form, feed=None)
    feed = actions.make(access.organisation(), {"kind": kind, **form.values()}, by=current_user)
    flash(_("The feed %(feed)s is ready. Press Run now to look at what it would change.", feed=feed.name), "success")
    return redirect(url_for(".show", feed_id=feed.id), 303)


@blueprint.get(ONE)
@access.requires(Action.MANAGE_INTEGRATIONS)
def show(feed_id: int) -> Answer:
    return _show(seeing.own_or_404(Feed, feed_id), FileForm())


def _show(feed: Feed, form: FileForm, status: int = 200) -> Answer:
    feed.organisation = access.organisation()
    runs = list(FeedRun.select().where(FeedRun.feed == feed).order_by(FeedRun.id.desc()).limit(LOGGED))
    issues = FeedIssue.select().where(FeedIssue.feed == feed).order_by(FeedIssue.id)
    missing = running.missing_of(feed)
    return swap(
        "feeds/_feed.html", in_page="feeds/feed.html", back_to=None, status=status, feed=feed, kind=_kind(feed.kind),
        runs=runs, last=last_run(feed), badge_of=status_of(feed), form=form,
        moving=any(run.state in OPEN for run in runs),
        issues=list(issues.limit(SHOWN)), issue_count=issues.count(), missing=list(missing.limit(SHOWN)),
        missing_count=missing.count(), owned=_owned(feed), signs_in=feed.kind in SIGNED_IN,
        fingerprint=fingerprint(feed.offered_key) if feed.offered_key else "",
    )  # fmt: skip


def _owned(feed: Feed) -> list[tuple[str, list[str]]]:
    """Who says what a field is -> the fields."""
    fields = owning.fields_of(feed)
    found = [(words, [label(name) for name in fields if feed.owner(name) is owner]) for owner, words in OWNERS]
    return [(words, names) for words, names in found if names]


@blueprint.get(f"{ONE}/edit")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_change(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    return page("feeds/form.html", form=form_for(_kind(feed.kind), access.organisation(), feed), feed=feed)


@blueprint.post(f"{ONE}/edit")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def change(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    feed.organisation = access.organisation()
    form = form_for(_kind(feed.kind), access.organisation(), feed)
    if not form.validate():
        return page("feeds/form.html", status=422, form=form, feed=feed)
    actions.change(feed, form.values(), by=current_user)
    return _done(feed, _("The feed is changed."))


@blueprint.get(f"{ONE}/fields")
@access.requires(Action.MANAGE_INTEGRATIONS)
def ask_fields(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    return page("feeds/fields.html", feed=feed, form=owners_form(feed, _fields(feed)))


@blueprint.post(f"{ONE}/fields")
@access.requires(Action.MANAGE_INTEGRATIONS)
def choose_fields(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    form = owners_form(feed, _fields(feed))
    if not form.validate():
        return page("feeds/fields.html", status=422, feed=feed, form=form)
    owned = {name: Owner(form[f"owner_{name}"].data) for name, _label in _fields(feed)}
    actions.remap(feed, owned, by=current_user)
    return _done(feed, _("Saved. The next three runs that change something are shown to you first."))


def _fields(feed: Feed) -> list[tuple[str, str]]:
    return [(name, label(name)) for name in owning.fields_of(feed) if name != "employee_number"]


@blueprint.post(f"{ONE}/mapping/forget")
@access.requires(Action.MANAGE_INTEGRATIONS)
def forget_mapping(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    actions.forget_mapping(feed, by=current_user)
    return _done(feed, _("Forgotten. The next run asks again what the columns mean, where that is not clear."))


@blueprint.post(f"{ONE}/run")
@costly
@access.requires(Action.MANAGE_INTEGRATIONS)
def run_now(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    run = actions.run_now(feed, by=current_user)
    jobs.take_runs()
    return leave_to(url_for("feed_runs.show", feed_id=feed.id, run_id=run.id))


@blueprint.post(f"{ONE}/try")
@costly
@access.requires(Action.MANAGE_INTEGRATIONS)
def try_file(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    form = FileForm()
    if not form.validate():
        return _show(feed, form, status=422)
    file = form.file.data
    run = actions.try_file(feed, file.stream.read(), file.filename or "", by=current_user)
    jobs.take_runs()
    return leave_to(url_for("feed_runs.show", feed_id=feed.id, run_id=run.id))


@blueprint.post(f"{ONE}/pause")
@access.requires(Action.MANAGE_INTEGRATIONS)
def pause(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    actions.pause(feed, by=current_user)
    return _done(
        feed, _("The feed %(feed)s is paused. It does not run by schedule until an Admin resumes it.", feed=feed.name)
    )


@blueprint.post(f"{ONE}/resume")
@access.requires(Action.MANAGE_INTEGRATIONS)
def resume(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    feed.organisation = access.organisation()
    actions.resume(feed, by=current_user)
    return _done(feed, _("The feed %(feed)s runs by schedule again.", feed=feed.name))


@blueprint.get(f"{ONE}/remove")
@access.requires(Action.MANAGE_INTEGRATIONS)
def ask_remove(feed_id: int) -> Answer:
    return page("feeds/remove.html", feed=seeing.own_or_404(Feed, feed_id))


@blueprint.post(f"{ONE}/remove")
@access.requires(Action.MANAGE_INTEGRATIONS)
def remove(feed_id: int) -> Answer:
    feed = seeing.own_or_404(Feed, feed_id)
    actions.remove(feed, by=current_user)
    flash(_("The feed %(feed)s is removed. The employees stay as they are.", feed=feed.name), "success")
    return redirect(url_for("integrations.show"), 303)


@blueprint.post(f"{ONE}/server-key")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def confirm_key(feed_id: int) -> Answer:
    """Trust the server that showed this key."""
    feed = seeing.own_or_404(Feed, feed_id)
    actions.confirm_key(feed, request.form.get("key", ""), by=current_user)
    return _done(feed, _("The key is confirmed. Press Run now."))


@blueprint.get(f"{ONE}/sign-in")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def sign_in(feed_id: int) -> Answer:
    """Send the Admin to the HR system, to allow the portal to read there."""
    feed = seeing.own_or_404(Feed, feed_id)
    if feed.kind not in SIGNED_IN:
        raise NotFound()
    address, _ = SIGNED_IN[feed.kind]
    client_id = models.secrets_of(feed).get("client_id", "")
    return redirect(address(client_id, _back_to(), actions.new_state(feed, current_user)), 302)


@blueprint.get("/signed-in")
@access.requires(Action.MANAGE_INTEGRATIONS)
def signed_in() -> Answer:
    """Where the HR system sends the Admin back to, with a code."""
    feed_id = actions.feed_of_state(request.args.get("state", ""), current_user)
    if feed_id is None:
        flash(_("That sign-in took too long or was not yours. Press Sign in once more."), "danger")
        return redirect(url_for("integrations.show"), 302)
    feed = seeing.own_or_404(Feed, feed_id)
    try:
        actions.take_code(feed, request.args.get("code", ""), _back_to(), by=current_user)
        flash(_("Signed in. Press Run now to look at what would change."), "success")
    except SourceProblem as problem:
        flash(joined(problem.message, problem.next_step), "danger")
    return redirect(url_for(".show", feed_id=feed.id), 302)


def _back_to() -> str:
    return f"{settings().public_url.rstrip('/')}{url_for('.signed_in')}"


@blueprint.post(f"{ONE}/needs-you/<int:issue_id>")
@access.requires(Action.MANAGE_INTEGRATIONS)
def decide(feed_id: int, issue_id: int) -> Answer:
    """Say who a record is about."""
    feed = seeing.own_or_404(Feed, feed_id)
    issue = FeedIssue.get_or_none(FeedIssue.id == issue_id, FeedIssue.feed == feed)
    if issue is None:
        raise NotFound()
    said, _space, about = request.form.get("decision", "").partition(" ")
    asked = {like["key"] for like in (issue.question or {}).get("like", []) if like["in_list"]}
    if not issue.question or (said not in ("add", "skip") and not (said in ("same", "renumber") and about in asked)):
        flash(_("Choose an answer first."), "danger")
        return redirect(url_for(".show", feed_id=feed.id), 303)
    issue.feed = feed
    actions.decide(issue, said, about, by=current_user)
    return _done(feed, _("Saved. Press Run now to do it at once; otherwise the next run does it."))


@blueprint.post(f"{ONE}/missing/<int:person_id>")
@access.requires(Action.MANAGE_INTEGRATIONS)
def keep_missing(feed_id: int, person_id: int) -> Answer:
    """Say that a person who is missing from the feed still works here."""
    feed = seeing.own_or_404(Feed, feed_id)
    person = FeedPerson.get_or_none(FeedPerson.id == person_id, FeedPerson.feed == feed)
    if person is None:
        raise NotFound()
    person.employee.organisation = person.feed.organisation = access.organisation()
    actions.keep_missing(person, by=current_user)
    return _done(feed, _("%(employee)s stays.", employee=person.employee.name))


def _done(feed: Feed, message: str) -> Answer:
    flash(message, "success")
    return redirect(url_for("feeds.show", feed_id=feed.id), 303)
