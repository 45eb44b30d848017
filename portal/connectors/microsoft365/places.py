"""Where Microsoft 365 keeps the fields of an HR record, and what it takes of each.

https://learn.microsoft.com/graph/api/resources/user
"""

from portal.connectors.errors import Refused
from portal.connectors.microsoft365.payloads import FIELDS, kept
from portal.connectors.values import FieldPlace, Permission
from portal.languages import gettext as _

# https://learn.microsoft.com/graph/tutorial-lifecycle-workflows-set-employeeleavedatetime
LEAVE_DATE = Permission(("User-LifeCycleInfo.ReadWrite.All",), _("send the end date (field sync)"), required=False)

PLACES = {
    "display_name": FieldPlace(_("Display name"), at_first=True, never_empty=True),
    "first_name": FieldPlace(_("First name"), at_first=True),
    "last_name": FieldPlace(_("Last name"), at_first=True),
    "job_title": FieldPlace(_("Job title"), at_first=True),
    "department": FieldPlace(_("Department"), at_first=True),
    "employee_number": FieldPlace(_("Employee ID"), at_first=True),
    "mobile": FieldPlace(_("Mobile phone"), at_first=True),
    "manager": FieldPlace(_("Manager"), at_first=True),
    "personal_email": FieldPlace(_("First alternate email address"), _("Administrators of Microsoft 365 can read it.")),
    "company_email": FieldPlace(
        _("Email"), _("Where the account has a mailbox, this changes its main address."), never_empty=True
    ),
    "country": FieldPlace(_("Usage location"), _("It decides which services a licence allows."), never_empty=True),
    "location": FieldPlace(_("Office location")),
    "employment_type": FieldPlace(_("Employee type")),
    "start_date": FieldPlace(_("Employee hire date")),
    "end_date": FieldPlace(_("Employee leave date"), permission=LEAVE_DATE),
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
    return text, _("Cut to the %(fields)s characters that Microsoft 365 has room for.", fields=FIELDS[name][1])
