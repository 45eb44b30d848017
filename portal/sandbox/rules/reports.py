"""The usage report, as the file that Microsoft keeps.

https://learn.microsoft.com/graph/api/reportroot-getoffice365activeuserdetail
"""

import csv
import hashlib
import io
from typing import Any

from portal.sandbox.state import State, Tenant, User

COLUMNS = (
    "Report Refresh Date", "User Principal Name", "Display Name", "Is Deleted", "Deleted Date", "Has Exchange License",
    "Exchange Last Activity Date", "OneDrive Last Activity Date", "SharePoint Last Activity Date",
    "Teams Last Activity Date", "Assigned Products",
)  # fmt: skip


def key_of(tenant: Tenant) -> str:
    """Under what the choice of a tenant is kept."""
    return f"report names {tenant.id}"


def concealed(state: State, tenant: Tenant) -> bool:
    """https://learn.microsoft.com/microsoft-365/admin/activity-reports/activity-reports: hidden unless switched off."""
    return state.kept(key_of(tenant)) != "shown"


def written(state: State, tenant: Tenant) -> str:
    """The CSV. A user's activity is in the property _lastActivity, a day; most have none."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    hidden, today = concealed(state, tenant), state.clock.now()[:10]
    for user in User.select().where((User.tenant == tenant.id) & User.deleted_at.is_null()).order_by(User.seq):
        name, shown = user.body["userPrincipalName"], user.body.get("displayName") or ""
        activity = user.body.get("_lastActivity") or ""
        row: list[Any] = [_hash(name), _hash(shown)] if hidden else [name, shown]
        writer.writerow([today, *row, "False", "", "True", activity, "", "", "", ""])
    return "\ufeff" + stream.getvalue()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32].upper()
