"""Where Google Workspace keeps the fields of an HR record, and what it takes of each.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users
"""

from portal.connectors.errors import Refused
from portal.connectors.google_workspace.payloads import LONGEST, kept
from portal.connectors.values import FieldPlace
from portal.languages import gettext as _

PLACES = {
    "display_name": FieldPlace(_("Display name"), at_first=True, never_empty=True),
    "first_name": FieldPlace(_("First name"), at_first=True, never_empty=True),
    "last_name": FieldPlace(_("Last name"), at_first=True, never_empty=True),
    "job_title": FieldPlace(_("Job title"), at_first=True),
    "department": FieldPlace(_("Department"), at_first=True),
    "employee_number": FieldPlace(_("Employee ID"), at_first=True),
    "mobile": FieldPlace(_("Mobile phone"), at_first=True),
    "manager": FieldPlace(_("Manager’s email"), at_first=True),
    "personal_email": FieldPlace(
        _("Recovery email"), _("Anyone who reads that mailbox can set a new password for the account.")
    ),
    "location": FieldPlace(_("Location of the organisation")),
    "employment_type": FieldPlace(_("Type of employee")),
    "country": FieldPlace(_("Country of the work address")),
}


def field_problem(name: str, value: str) -> str:
    """Why Google Workspace will not take the value; empty when it may."""
    if name not in LONGEST:
        return ""
    try:
        kept(name, value)
    except Refused as error:
        return error.message
    return ""


def shown_as(name: str, value: str) -> tuple[str, str]:
    """The value as Google Workspace will show it, and what a person should know of that; empty when nothing."""
    if name not in LONGEST:
        return value, ""
    try:
        text = kept(name, value)
    except Refused as error:
        return value, error.message
    if text == value.strip():
        return text, ""
    if len(value.strip()) > LONGEST[name]:
        return text, _("Cut to the %(longest)s characters that Google Workspace has room for.", longest=LONGEST[name])
    return text, _("Google Workspace does not accept < and >, so they are left out.")
