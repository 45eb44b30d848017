"""What a feed may change of what its file says, and what goes beyond its brake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.columns.known import MANAGER, SECOND, Refusal
from portal.feeds.models import Feed, Owner
from portal.feeds.reading import Reading
from portal.import_plans.lines import label
from portal.import_plans.plans import FIELDS, Entry, ImportPlan
from portal.languages import gettext as _
from portal.languages import ngettext, number
from portal.people.models import Employee

NAMES = ("first_name", "last_name", "preferred_name")
# A share of the people counts from this many of them on: one leaver of three is no landslide.
FEWEST = 3
KEPT_NUMBER = "employee_number"


@dataclass(frozen=True)
class Trouble:
    """A record that needs a person. question: about who it is, with those it may be."""

    key: str
    field: str
    reason: str
    question: dict[str, Any] | None = None


def settle(feed: Feed, plan: ImportPlan, today: date) -> None:
    """Leave in the plan what this feed does: not what is asked about, nor what is not its to say."""
    asked = {question.line for question in plan.who}
    added = [entry for entry in plan.added if entry.line not in asked]
    gone = [entry for entry in added if _has_gone(entry, today)]
    plan.left_out += len(gone)
    plan.added = [_own_part(feed, entry) for entry in added if not _has_gone(entry, today)]
    changed = [_own_changes(feed, entry) for entry in plan.changed if entry.line not in asked]
    plan.changed = [entry for entry in changed if entry.changes]
    plan.unchanged += len(changed) - len(plan.changed)


def _has_gone(entry: Entry, today: date) -> bool:
    """Whether a new person has left already: nobody needs their record."""
    end = entry.record[FIELDS.index("end_date")]
    return end is not None and end <= today


def _own_part(feed: Feed, entry: Entry) -> Entry:
    values = zip(FIELDS, entry.record, strict=True)
    record = tuple(
        (None if isinstance(value, date) else "") if feed.owner(name) is Owner.HERE and name != KEPT_NUMBER else value
        for name, value in values
    )
    manager = None if feed.owner(MANAGER) is Owner.HERE else entry.manager
    second = None if feed.owner(SECOND) is Owner.HERE else entry.second
    return entry._replace(record=record, manager=manager, second=second)


def _own_changes(feed: Feed, entry: Entry) -> Entry:
    mine = {
        name: pair for name, pair in (entry.changes or {}).items()
        if feed.owner(name) is Owner.FEED or name == KEPT_NUMBER
    }  # fmt: skip
    return entry._replace(changes=mine)


def troubles(plan: ImportPlan) -> Iterator[Trouble]:
    """The records of the plan that need a person."""
    for refusal in plan.refused:
        yield _trouble(refusal)
    for question in plan.who:
        asked = [
            {"key": like.shown, "number": like.number, "name": like.name, "in_list": like.in_list}
            for like in question.like
        ]
        about = {"alike": question.alike, "still": question.still, "name": question.name, "like": asked}
        yield Trouble(question.number, "", question.sentence, about)


def _trouble(refusal: Refusal) -> Trouble:
    """A reason about one field begins with its name and a colon."""
    name, colon, reason = refusal.reason.partition(": ")
    if not colon or len(name) > 60:
        name, reason = "", refusal.reason
    return Trouble(refusal.employee_number or _("line %(line)s", line=refusal.line), name, reason)


def beyond_brake(feed: Feed, plan: ImportPlan) -> list[str]:
    """What of the plan is more than the brake lets pass, in sentences."""
    there = Employee.select().where(Employee.organisation == feed.organisation_id).count()
    leaving = sum(leaves(entry) for entry in plan.changed)
    staying = sum((entry.changes or {}).get("end_date", (None, ""))[1] is None for entry in plan.changed)
    moving = sum(_moves(entry) for entry in plan.changed)
    said = (
        _more_than(feed, "leave", leaving, there, _would_leave),
        _more_than(feed, "leave", staying, there, _would_stay),
        _more_than(feed, "move", moving, there, _would_move),
    )
    return [sentence for sentence in said if sentence]


def leaves(entry: Entry) -> bool:
    """Whether the line gives a known person a last day, or an earlier one."""
    before, after = (entry.changes or {}).get("end_date", (None, None))
    return after is not None and (before is None or after < before)


def _moves(entry: Entry) -> bool:
    return any(name in (entry.changes or {}) for name in (*NAMES, MANAGER))


def _would_leave(people: int) -> str:
    return ngettext("%(num)s person would leave", "%(num)s people would leave", people)


def _would_stay(people: int) -> str:
    return ngettext(
        "%(num)s person would have no last day any more", "%(num)s people would have no last day any more", people
    )


def _would_move(people: int) -> str:
    return ngettext(
        "%(num)s person would get another name or manager", "%(num)s people would get another name or manager", people
    )


def _more_than(feed: Feed, kind: str, count: int, there: int, words: Callable[[int], str]) -> str:
    most, share = feed.brake[kind], feed.brake[f"{kind}_percent"]
    if count > most:
        return _("%(what)s: more than %(most)s.", what=words(count), most=number(most))
    if count >= FEWEST and count * 100 > share * there:
        return _(
            "%(what)s: more than %(share)s %% of the %(there)s in the Employee List.",
            what=words(count), share=share, there=number(there),
        )  # fmt: skip
    return ""


def lost_rows(feed: Feed, reading: Reading) -> str:
    """What to say when the file has far fewer records than last time; empty when it has not."""
    if reading.rows * 100 >= feed.last_rows * feed.brake["rows_percent"]:
        return ""
    return _(
        "The file has %(rows)s records; last time it had %(last_rows)s. With fewer than %(rows_percent)s "
        "%% of them, it looks like part of a file.",
        rows=number(reading.rows),
        last_rows=number(feed.last_rows),
        rows_percent=feed.brake["rows_percent"],
    )


def words_of(changes: dict[str, list[Any]]) -> list[str]:
    """Each change as before → after."""
    return [
        _("%(field)s: %(before)s → %(after)s", field=label(name), before=before or "–", after=after or "–")
        for name, (before, after) in changes.items()
    ]
