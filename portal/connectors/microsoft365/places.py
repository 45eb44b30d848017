"""Where Microsoft 365 keeps the fields of an HR record, and what it takes of each.

https://learn.microsoft.com/graph/api/resources/user
"""

from portal.connectors.base import FieldPlace, Permission
from portal.connectors.errors import Refused
from portal.connectors.microsoft365.payloads import FIELDS, kept

# https://learn.microsoft.com/graph/tutorial-lifecycle-workflows-set-employeeleavedatetime
LEAVE_DATE = Permission(("User-LifeCycleInfo.ReadWrite.All",), "send the end date (field sync)", required=False)

PLACES = {
    "display_name": FieldPlace("Display name", at_first=True, never_empty=True),
    "first_name": FieldPlace("First name", at_first=True),
    "last_name": FieldPlace("Last name", at_first=True),
    "job_title": FieldPlace("Job title", at_first=True),
    "department": FieldPlace("Department", at_first=True),
    "employee_number": FieldPlace("Employee ID", at_first=True),
    "mobile": FieldPlace("Mobile phone", at_first=True),
    "manager": FieldPlace("Manager", at_first=True),
    "personal_email": FieldPlace("First alternate email address", "Administrators of Microsoft 365 can read it."),
    "company_email": FieldPlace(
        "Email", "Where the account has a mailbox, this changes its main address.", never_empty=True
    ),
    "country": FieldPlace("Usage location", "It decides which services a licence allows.", never_empty=True),
    "location": FieldPlace("Office location"),
    "employment_type": FieldPlace("Employee type"),
    "start_date": FieldPlace("Employee hire date"),
    "end_date": FieldPlace("Employee leave date", permission=LEAVE_DATE),
}


def field_problem(name: str, value: str) -> str:
    """Why Microsoft 365 will not take the value; empty when it may."""
    if name not in FIELDS:
        return ""
    try:
        kept(name, value)
    except Refused as error:
        return error.message
    return ""


def shown_as(name: str, value: str) -> tuple[str, str]:
    """The value as Microsoft 365 will show it, and what a person should know of that; empty when nothing."""
    if name not in FIELDS:
        return value, ""
    try:
        text = kept(name, value)
    except Refused as error:
        return value, error.message
    if text == value.strip():
        return text, ""
    return text, f"Cut to the {FIELDS[name][1]} characters that Microsoft 365 has room for."
