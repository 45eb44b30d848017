"""The invented HR system of the demo, and a feed that reads it: what its first run would change waits for Alice."""

from typing import Any

from portal import database
from portal.auth.models import User
from portal.feeds import actions, running
from portal.feeds.models import BRAKE, How
from portal.organisations.models import Organisation

# What the HR system says, and the Employee List does not know yet.
NEWS: dict[str, dict[str, Any]] = {"A0007": {"title": "Senior Buyer"}, "A0019": {"department": "Sales", "manager": 2}}
STARTERS = (
    ("A0061", "Ada", "Byron", "Developer", "Engineering", 10), ("A0062", "Grace", "Lopez", "Analyst", "Finance", 3),
)  # fmt: skip


def workers() -> list[dict[str, Any]]:
    """Everybody in the HR system, as its stand-in has them: those of the Employee List, with news."""
    from portal.demo.people import rows

    found = [_worker(row) for row in rows(database.now().date())]
    start = found[-1]["start"]
    for number, first, last, title, department, manager in STARTERS:
        found.append({
            "id": len(found) + 1, "number": number, "first": first, "last": last, "title": title,
            "department": department, "manager": manager, "home": f"{first.lower()}@home.example", "country": "GB",
            "start": start,
        })  # fmt: skip
    return found


def _worker(row: dict[str, str]) -> dict[str, Any]:
    number, manager = row["employee_number"], row["manager_employee_number"]
    values: dict[str, Any] = {
        "id": int(number[1:]), "number": number, "first": row["first_name"], "last": row["last_name"],
        "preferred": row["preferred_name"], "title": row["job_title"], "department": row["department"],
        "manager": int(manager[1:]) if manager else None, "home": row["personal_email"], "work": row["company_email"],
        "country": row["country"], "start": row["start_date"], "end": row["end_date"],
    }  # fmt: skip
    return values | NEWS.get(number, {})


def make(organisation: Organisation, by: User) -> None:
    """A feed from the invented HR system, with its first run begun."""
    feed = actions.make(
        organisation,
        {"name": "BambooHR", "kind": "bamboohr", "every": 1, "hour": 6, "options": {"company": "acme"},
         "secrets": {"api_key": "demo-key"}, "brake": dict(BRAKE)},
        by=by,
    )  # fmt: skip
    running.begin(feed, How.SCHEDULE)
