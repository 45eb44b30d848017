"""Emails about a feed: one for each situation that needs a person, and none for a good run."""

import hashlib
from collections.abc import Callable
from typing import Any

from portal import happenings
from portal.config import settings
from portal.feeds.models import Feed, FeedIssue, FeedRun, RunState
from portal.languages import gettext as _
from portal.languages import joined, ngettext, number
from portal.mail import lane
from portal.webhooks.telling import admins_of, send_each

# After this many tries in a row without an answer.
PATIENCE = 3
NAMED = 20


HEADLINES: dict[str, Callable[[Feed], str]] = {
    "is stopped": lambda feed: _("The feed %(feed)s of %(organisation)s is stopped", **_names(feed)),
    "waits for you": lambda feed: _("The feed %(feed)s of %(organisation)s waits for you", **_names(feed)),
    "has a question": lambda feed: _("The feed %(feed)s of %(organisation)s has a question", **_names(feed)),
    "gets no answer": lambda feed: _("The feed %(feed)s of %(organisation)s gets no answer", **_names(feed)),
    "has records for you": lambda feed: _("The feed %(feed)s of %(organisation)s has records for you", **_names(feed)),
}


def _names(feed: Feed) -> dict[str, str]:
    return {"feed": feed.name, "organisation": feed.organisation.name}


def situation(feed: Feed) -> tuple[str, list[str]]:
    """What the Admins have to know: one of HEADLINES, and sentences; both empty when all is well."""
    run = FeedRun.select().where(FeedRun.feed == feed, FeedRun.how != "with a file").order_by(FeedRun.id.desc()).first()
    if feed.stopped_at is not None:
        return "is stopped", [feed.stopped_why, _("It changes nothing until an Admin has looked.")]
    if run is not None and run.state == RunState.PREVIEW:
        return "waits for you", [_("Look at what it would change, and press Apply if it is right.")]
    if run is not None and run.state == RunState.ASKS:
        return "has a question", [_("It changes nothing until an Admin has answered.")]
    if feed.failures >= PATIENCE and run is not None:
        return "gets no answer", [run.why, _("It tries again at the next hour of its schedule.")]
    return "", []


def tell_stopped(feed: Feed) -> None:
    """Tell webhooks and channels, within the transaction that stops the feed; again only for another reason."""
    if feed.told != _key(feed, situation(feed)[0]):
        page = f"/settings/integrations/feeds/{feed.id}"
        happenings.tell(feed.organisation_id, "feed.stopped", feed_id=feed.id, page=page)


def _key(feed: Feed, headline: str) -> str:
    """The same for the same situation. Why a source gives no answer may be worded differently from time to time."""
    why = feed.stopped_why if feed.stopped_at is not None else ""
    return hashlib.sha256(f"{headline}\n{why}".encode()).hexdigest() if headline else ""


def tell(feed: Feed) -> None:
    """Have the email sent that is due, once, in a thread for mails."""
    feed = Feed.get_by_id(feed.id)
    headline, sentences = situation(feed)
    key = _key(feed, headline)
    if key and key != feed.told:
        if Feed.update(told=key).where(Feed.id == feed.id, Feed.told == feed.told).execute():
            untold = Feed.update(told=feed.told).where(Feed.id == feed.id, Feed.told == key)
            _begin(untold, feed, headline, sentences, [])
    elif not key:
        _tell_of_issues(feed)


def _tell_of_issues(feed: Feed) -> None:
    """One email about the records that need a person, if nobody was told of them yet. It names no value of theirs."""
    fresh = list(FeedIssue.select().where(FeedIssue.feed == feed, ~FeedIssue.told).order_by(FeedIssue.id))
    if not fresh:
        return
    lines: list[str] = [_about(issue) for issue in fresh[:NAMED]]
    lines += [_("and %(number)s more", number=number(len(fresh) - NAMED))] * (len(fresh) > NAMED)
    needed = ngettext("%(num)s record needs you.", "%(num)s records need you.", len(fresh))
    told = joined(needed, _("All others were taken over."))
    mine = FeedIssue.id.in_([issue.id for issue in fresh])
    FeedIssue.update(told=True).where(mine).execute()
    _begin(FeedIssue.update(told=False).where(mine), feed, "has records for you", [told], lines)


def _begin(untold: Any, *mail_about: Any) -> None:
    """Have it sent in a thread. untold: what is carried out where no thread is free, and where the mail server takes
    none of the mails yet: the next minute tries again.
    """

    def work() -> None:
        if not _send(*mail_about):
            untold.execute()

    if lane.OTHER.start(work) is None:
        untold.execute()


def _about(issue: FeedIssue) -> str:
    return _("%(record)s: %(field)s", record=issue.key, field=_(issue.field) if issue.field else _("see the page"))


def _send(feed: Feed, headline: str, sentences: list[str], lines: list[str]) -> bool:
    """False when the mail server takes none of the mails yet."""
    admins = admins_of(feed.organisation)
    chosen = [user for user in admins if user.id == feed.hears_id] or admins
    words: dict[str, Any] = {
        "title": HEADLINES[headline](feed),
        "lines": [*sentences, *lines],
        "link": f"{settings().public_url.rstrip('/')}/settings/integrations/feeds/{feed.id}",
        "label": _("Open the feed"),
    }
    return not chosen or len(send_each(chosen, words)) < len(chosen)
