"""What the page shows of a plan, in plain values that are kept beside the file."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from portal.columns import layouts
from portal.columns.answers import WhoQuestion
from portal.columns.dates import Order, read
from portal.columns.headings import IGNORED
from portal.columns.names import listed
from portal.import_plans.lines import label
from portal.import_plans.plans import Entry, ImportPlan
from portal.languages import Said, joined, long_day, number
from portal.languages import gettext as _

SHOWN = 100
# How many lines are asked about at a time, and how many columns can be chosen.
ASKED = 50
MOST_NOTES = 30
MOST_COLUMNS = 200
MOST_SHEETS = 100
# Rooms above say here what else an import would do, in sentences.
FOLLOWS: list[Callable[[ImportPlan], list[str]]] = []


def outcome(added: int, changed: int) -> Said:
    """ "3 added, 2 changed": what an import did, without what there was none of."""
    return joined(
        _("%(added)s added", added=number(added)) if added else "",
        _("%(changed)s changed", changed=number(changed)) if changed else "",
        _("nobody was added or changed") if not (added or changed) else "",
        by=", ",
    )


def summary_of(plan: ImportPlan) -> dict[str, Any]:
    """How many of each kind, the first lines of each, and what has to be asked first."""
    return {
        **counts_of(plan),
        "notes": plan.notes[:MOST_NOTES], "follows": [said for tell in FOLLOWS for said in tell(plan)],
        "added_lines": [line_of(entry) for entry in plan.added[:SHOWN]],
        "changed_lines": [line_of(entry) for entry in plan.changed[:SHOWN]],
        "refused_lines": [
            {"line": refusal.line, "who": refusal.employee_number, "words": [refusal.reason]}
            for refusal in plan.refused[:SHOWN]
        ],
        "header": [column.heading[:200] for column in plan.layout.columns] if plan.layout else [],
        "encoding": plan.how.encoding, "encodings": [list(one) for one in plan.how.encodings],
        "read_lines": plan.how.sample, "sheet": plan.how.sheet, "sheets": plan.how.sheets[:MOST_SHEETS],
        "asks": plan.asks, "columns": _columns(plan), "problem": plan.layout.problem if plan.layout else "",
        "dates": _dates(plan), "zeros": _zeros(plan), "words": plan.words,
        "spellings": [asdict(spelling) for spelling in plan.spellings],
        "leavers": {"count": len(plan.leavers), "names": listed(plan.leavers)} if plan.leavers else {},
        "who": [_who(question) for question in plan.who[:ASKED]], "who_count": len(plan.who),
        "digest": plan.digest,
    }  # fmt: skip


def counts_of(plan: ImportPlan) -> dict[str, Any]:
    """What stays of a plan that was carried out: no line, and so nothing about anybody."""
    return {
        "added": len(plan.added), "changed": len(plan.changed), "unchanged": plan.unchanged,
        "left_out": plan.left_out, "refused": len(plan.refused),
    }  # fmt: skip


def line_of(entry: Entry) -> dict[str, Any]:
    employee = entry.employee
    words: list[str] = [
        _("%(field)s: %(before)s → %(after)s", field=label(column), before=before or "–", after=after or "–")
        for column, (before, after) in (entry.changes or {}).items()
    ] or [" · ".join(filter(None, (employee.job_title, employee.department)))]
    return {"line": entry.line, "who": f"{entry.employee_number} {employee.name}", "words": words}


def _columns(plan: ImportPlan) -> list[dict[str, Any]]:
    """Each column with the first values in it, and what is proposed for it: "" where a person has to choose."""
    found = []
    for column in (plan.layout.columns if plan.layout else ())[:MOST_COLUMNS]:
        cells = (line[column.place] for line in plan.sample if column.place < len(line))
        near = "" if column.known else layouts.nearest(column.heading)
        # An unknown column is skipped unless a user decides otherwise; what may mean two things is not guessed.
        proposed = column.means or ("" if column.could_be or near else IGNORED)
        found.append({
            "place": column.place, "name": column.name[:100], "means": proposed, "known": column.known,
            "sample": ", ".join(filter(None, cells)), "could_be": [label(name) for name in column.could_be],
            "near": label(near) if near else "",
        })  # fmt: skip
    return found


def _dates(plan: ImportPlan) -> dict[str, str]:
    if not plan.dates:
        return {}
    days = {"day_first": _day(plan.dates, Order.DAY_FIRST), "month_first": _day(plan.dates, Order.MONTH_FIRST)}
    return {"example": plan.dates[:40], **days}


def _day(text: str, order: Order) -> str:
    """The date in words; empty when it is none in this order."""
    try:
        day = read(text, order)
    except ValueError:
        return ""
    return long_day(day) if day else ""


def _zeros(plan: ImportPlan) -> dict[str, Any]:
    if not plan.zeros:
        return {}
    return {
        "count": len(plan.zeros),
        "examples": [
            _("%(number)s for %(short)s", number=was, short=number) for number, was in list(plan.zeros.items())[:3]
        ],
    }


def _who(question: WhoQuestion) -> dict[str, Any]:
    return {
        "line": question.line, "number": question.number, "name": question.name, "alike": question.alike,
        "still": question.still,
        "like": [
            {"key": like.shown, "number": like.number, "name": like.name, "why": list(like.why),
             "in_list": like.in_list, "start_date": like.start_date}
            for like in question.like
        ],
    }  # fmt: skip
