"""What Admins do with feeds: make and change one, pause it, answer what it asks, and apply what it shows."""

from collections.abc import Mapping
from typing import Any

from portal import audit, vault
from portal.auth import proof
from portal.auth.models import User
from portal.columns.headings import plain
from portal.database import now
from portal.feed_sources import KINDS, SIGNED_IN, fingerprint, new_key
from portal.feeds import models, running
from portal.feeds.models import ASKED, FIRST_PREVIEWS, OPEN, Feed, FeedIssue, FeedPerson, FeedRun, How, RunState
from portal.incoming import proposals
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem

MOST_FEEDS = 10
# Seconds.
STATE_LASTS = 600


class TooManyFeeds(Problem):
    message = _("Your organisation cannot have more feeds.")
    next_step = _("Remove one that is no longer used.")


class Changed(Problem):
    message = _("This run is no longer waiting.")
    title = _("Somebody was faster")
    next_step = _("Look at the feed again.")


def make(organisation: Organisation, values: Mapping[str, Any], *, by: User) -> Feed:
    """Make a feed, which fetches nothing before somebody presses Run now or its hour comes. Raises TooManyFeeds."""
    secrets, options = dict(values["secrets"]), dict(values["options"])
    if KINDS[values["kind"]].makes_key:
        secrets["private_key"], options["public_key"] = new_key()
    with audit.turn(organisation.id):
        proof.hold_actor(by)
        if Feed.select().where(Feed.organisation == organisation).count() >= MOST_FEEDS:
            raise TooManyFeeds()
        stored = {name: value for name, value in values.items() if name not in ("secrets", "options")}
        feed = Feed.create(
            organisation=organisation, encrypted_secrets=models.sealed(secrets), options=options, made_by=by,
            made_by_name=by.display_name, **stored,
        )  # fmt: skip
        Feed.update(next_at=feed.after(now())).where(Feed.id == feed.id).execute()
        audit.record(by, "make feed", feed, kind=feed.kind)
    return Feed.get_by_id(feed.id)


def change(feed: Feed, values: Mapping[str, Any], *, by: User) -> None:
    """Change how a feed is reached, when it runs and what stops it. secrets: only those that were typed."""
    with audit.turn(feed.organisation_id):
        proof.hold_actor(by)
        stored = {name: value for name, value in values.items() if name != "secrets"}
        stored["options"] = {**feed.options, **stored.get("options", {})}
        if stored["options"].get("server") != feed.options.get("server"):
            stored |= {"host_key": "", "offered_key": ""}
        entered = {name: value for name, value in values["secrets"].items() if value}
        if entered:
            stored["encrypted_secrets"] = models.sealed({**models.secrets_of(feed), **entered})
        if entered or stored.get("options", feed.options) != feed.options:
            # Another source may have another file that happens to be named the same.
            stored |= {"marks": {}, "stopped_at": None, "stopped_why": "", "told": "", "failures": 0}
        for name, value in stored.items():
            setattr(feed, name, value)
        stored["next_at"] = feed.after(now())
        Feed.update(stored).where(Feed.id == feed.id).execute()
        changed = sorted(name for name in stored if name not in ("encrypted_secrets", "next_at", "marks", "told"))
        audit.record(by, "change feed", feed, fields=changed, credentials=bool(entered))


def remap(feed: Feed, owned: Mapping[str, str], *, by: User) -> None:
    """Say who owns which field. The next runs are shown before they count."""
    with audit.turn(feed.organisation_id):
        proof.hold_actor(by)
        Feed.update(owned=dict(owned), previews=FIRST_PREVIEWS, last_sha256="").where(Feed.id == feed.id).execute()
        audit.record(by, "change mapping of feed", feed, fields=sorted(owned))


def forget_mapping(feed: Feed, *, by: User) -> None:
    """Recognise the columns of the next file afresh, and ask about it as for a new feed."""
    with audit.turn(feed.organisation_id):
        proof.hold_actor(by)
        # The answers about who somebody is are kept.
        kept = {name: answer for name, answer in feed.answers.items() if name == "decisions"}
        fresh: dict[str, Any] = {
            "mapping": {}, "filled": {}, "answers": kept, "previews": FIRST_PREVIEWS, "last_sha256": "",
            "stopped_at": None, "stopped_why": "", "told": "",
        }  # fmt: skip
        Feed.update(fresh).where(Feed.id == feed.id).execute()
        audit.record(by, "change mapping of feed", feed)


def pause(feed: Feed, *, by: User) -> None:
    """Begin no run by schedule until an Admin resumes the feed."""
    with audit.turn(feed.organisation_id):
        proof.hold_actor(by)
        values = {"paused_at": now(), "paused_by_name": by.display_name}
        if Feed.update(values).where(Feed.id == feed.id, Feed.paused_at.is_null()).execute():
            audit.record(by, "pause feed", feed)


def resume(feed: Feed, *, by: User) -> None:
    """Run by schedule again."""
    with audit.turn(feed.organisation_id):
        proof.hold_actor(by)
        values = {"paused_at": None, "paused_by_name": "", "next_at": feed.after(now())}
        if Feed.update(values).where(Feed.id == feed.id, Feed.paused_at.is_null(False)).execute():
            audit.record(by, "resume feed", feed)


def remove(feed: Feed, *, by: User) -> None:
    """Forget the feed, its credentials and its files. The employees stay as they are."""
    with audit.turn(feed.organisation_id):
        proof.hold_actor(by)
        audit.record(by, "remove feed", feed, kind=feed.kind)
        Feed.delete().where(Feed.id == feed.id).execute()


def run_now(feed: Feed, *, by: User) -> FeedRun:
    """Look at the source now; a feed that was stopped may go on when its file is right again."""
    return running.begin(feed, How.HAND, by=by.display_name)


def try_file(feed: Feed, content: bytes, name: str, *, by: User) -> FeedRun:
    """Show what the feed would make of a file. It changes nothing."""
    return running.begin(feed, How.TRIAL, by=by.display_name, content=content, file_name=name)


def approve(run: FeedRun, digest: str, *, by: User) -> None:
    """Apply what the Admin was shown. digest: of that. Raises Changed."""
    with audit.turn(run.organisation_id):
        proof.hold_actor(by)
        waiting = (FeedRun.state == RunState.PREVIEW) | (FeedRun.state == RunState.STOPPED)
        mine = FeedRun.update(
            state=RunState.APPLYING, approved_by_name=by.display_name, finished_at=None, lease_until=None
        ).where(FeedRun.id == run.id, waiting, FeedRun.digest == digest, FeedRun.digest != "")
        if _has_later(run) or not mine.execute():
            raise Changed()
        Feed.update(stopped_at=None, stopped_why="", told="").where(Feed.id == run.feed_id).execute()
        audit.record(by, "apply changes of feed", run.feed, run=run.id)


def _has_later(run: FeedRun) -> bool:
    """Whether a later run has read another file meanwhile, or found one from before again."""
    looked = FeedRun.state.not_in((RunState.FAILED, RunState.SAME, RunState.TRIED, RunState.DISCARDED))
    looked |= (FeedRun.state == RunState.SAME) & (FeedRun.sha256 != run.sha256)
    return FeedRun.select().where(FeedRun.feed == run.feed_id, FeedRun.id > run.id, looked).exists()


def discard(run: FeedRun, *, by: User) -> None:
    """Do nothing with what the run found. The next run looks at the source again."""
    with audit.turn(run.organisation_id):
        proof.hold_actor(by)
        gone = {
            "state": RunState.DISCARDED,
            "finished_at": now(),
            "why": _("%(name)s discarded it.", name=by.display_name),
        }
        if FeedRun.update(gone).where(FeedRun.id == run.id, FeedRun.state.in_((*ASKED, RunState.TRIED))).execute():
            audit.record(by, "discard changes of feed", run.feed, run=run.id)


def read_again(run: FeedRun, answers: Mapping[str, Any]) -> bool:
    """Keep the answers for this feed, and read the file of the run again. False when it does not wait any more."""
    with audit.turn(run.organisation_id):
        open_again = {"state": RunState.READING, "finished_at": None, "lease_until": None, "why": ""}
        mine = FeedRun.update(open_again).where(FeedRun.id == run.id, FeedRun.state.in_((*ASKED, RunState.TRIED)))
        under_way = FeedRun.select().where(FeedRun.feed == run.feed_id, FeedRun.state.in_(OPEN)).exists()
        if under_way or not mine.execute():
            return False
        Feed.update(answers=dict(answers), previews=FIRST_PREVIEWS).where(Feed.id == run.feed_id).execute()
    return True


def choose_columns(run: FeedRun, headings: Mapping[str, str], *, by: User) -> bool:
    """Note what the columns mean, for all files of the feed. headings: as in the file -> what it means."""
    answers = dict(run.feed.answers)
    answers["headings"] = {plain(heading): means for heading, means in headings.items()}
    with audit.turn(run.organisation_id):
        proof.hold_actor(by)
        Feed.update(mapping={}, filled={}).where(Feed.id == run.feed_id).execute()
        audit.record(by, "change mapping of feed", run.feed, columns=len(headings))
    return read_again(run, answers)


def write_names(run: FeedRun, *, as_usual: bool, by: User) -> bool:
    """Write names in capitals or small letters alone as people write them, or take them as they come, from now on."""
    with audit.turn(run.organisation_id):
        proof.hold_actor(by)
        audit.record(by, "change names of feed", run.feed, as_usual=as_usual)
    return read_again(run, {**run.feed.answers, "usual_names": as_usual})


def decide(issue: FeedIssue, said: str, about: str, *, by: User) -> None:
    """Say who a record is about; the next run follows it."""
    feed, asked = issue.feed, [like["key"] for like in (issue.question or {}).get("like", [])]
    with audit.turn(feed.organisation_id):
        proof.hold_actor(by)
        answers = dict(feed.answers)
        answers["decisions"] = {**answers.get("decisions", {}), issue.key: [said, about, *asked]}
        Feed.update(answers=answers, last_sha256="").where(Feed.id == feed.id).execute()
        FeedIssue.delete().where(FeedIssue.id == issue.id).execute()
        audit.record(by, "answer question of feed", feed, key=issue.key)


def confirm_key(feed: Feed, key: str, *, by: User) -> None:
    """Trust the server that shows this key, as an Admin has compared it. Raises Changed."""
    with audit.turn(feed.organisation_id):
        proof.hold_actor(by)
        fresh = {"host_key": key, "offered_key": "", "stopped_at": None, "stopped_why": "", "told": ""}
        if not key or not Feed.update(fresh).where(Feed.id == feed.id, Feed.offered_key == key).execute():
            raise Changed()
        audit.record(by, "confirm server of feed", feed, fingerprint=fingerprint(key))


def new_state(feed: Feed, user: User) -> str:
    """The word that comes back from a sign-in elsewhere: it counts for this user alone, and for ten minutes."""
    return vault.encrypt(f"{feed.id} {user.id} {now().timestamp():.0f}")


def feed_of_state(state: str, user: User) -> int | None:
    """The id of the feed for which this user went to sign in; None for a word that does not count."""
    try:
        feed_id, user_id, at = map(int, vault.decrypt(state).split())
    except (vault.CannotOpen, ValueError):
        return None
    fresh = abs(now().timestamp() - at) <= STATE_LASTS
    return feed_id if user_id == user.id and fresh else None


def take_code(feed: Feed, code: str, back_to: str, *, by: User) -> None:
    """Keep the sign-in that the code stands for. Raises SourceProblem."""
    SIGNED_IN[feed.kind][1](running.Access(feed), code, back_to)
    with audit.turn(feed.organisation_id):
        proof.hold_actor(by)
        Feed.update(stopped_at=None, stopped_why="", told="", failures=0).where(Feed.id == feed.id).execute()
        audit.record(by, "sign in for feed", feed)


def keep_missing(person: FeedPerson, *, by: User) -> None:
    """A person who is missing from the feed still works here."""
    with audit.turn(person.feed.organisation_id):
        proof.hold_actor(by)
        FeedPerson.update(stays=True).where(FeedPerson.id == person.id).execute()
        proposals.withdraw(person.employee, source=person.feed.actor)
        audit.record(by, "keep employee missing from feed", person.employee)
