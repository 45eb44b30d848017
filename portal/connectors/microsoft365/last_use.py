"""When accounts were last used: by their sign-ins where the tenant has Entra ID P1, else by the usage report.

https://learn.microsoft.com/graph/api/resources/signinactivity and
https://learn.microsoft.com/graph/api/reportroot-getoffice365activeuserdetail
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests

from portal.connectors import http
from portal.connectors.errors import NotPermitted, Refused, TryLater
from portal.connectors.last_use import LastUse, Source
from portal.connectors.microsoft365 import shapes
from portal.connectors.microsoft365.client import LARGEST_PAGE, NAME, GraphClient, with_query
from portal.connectors.microsoft365.moments import moment
from portal.connectors.microsoft365.refusals import not_as_described
from portal.connectors.microsoft365.settings import settings
from portal.connectors.values import Permission
from portal.languages import gettext as _
from portal.languages import joined

FEATURE = _("see when accounts were last used")
SIGN_INS = Permission(("AuditLog.Read.All",), FEATURE, required=False, only_if_used=True)
REPORTS = Permission(("Reports.Read.All",), FEATURE, required=False, only_if_used=True)
REPORT_SETTINGS = Permission(
    ("ReportSettings.Read.All", "ReportSettings.ReadWrite.All"), FEATURE, required=False, only_if_used=True
)
LARGEST_WITH_SIGN_INS = 500
REPORT = "/reports/getOffice365ActiveUserDetail(period='D180')"
LAST_ACTIVITY = "Last Activity Date"
# Where Microsoft keeps the files that it sends a caller on to.
KEEPS_REPORTS = (".office.com", ".microsoft.com", ".office365.us", ".microsoft.us")
NOT_PREMIUM = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
NO_P1 = _("Microsoft 365 shows sign-ins only to companies with Microsoft Entra ID P1.")
NOT_GRANTED = _("The portal may not see sign-ins in Microsoft 365.")
NO_REPORTS = _("The portal may not read the usage reports either.")
CONCEALED = _("Microsoft 365 hides the names in its usage reports.")
SWITCH = _(
    "An administrator can show them in the Microsoft 365 Admin Centre: Settings > Org settings > "
    "Services > Reports, untick “Display concealed user, group and site names in all reports”."
)
GRANT = _("Press Grant in the add-on’s Settings to let the portal read sign-ins and usage reports.")


class GraphLastUses:
    """The LastUses of a Microsoft 365 tenant."""

    graph: GraphClient

    def last_used(self) -> LastUse:
        try:
            return LastUse(Source.SIGN_INS, self._sign_ins())
        except NotPermitted:
            return self._reported(NOT_GRANTED)
        except Refused as error:
            if NOT_PREMIUM not in error.code:
                raise
            return self._reported(NO_P1)

    def _sign_ins(self) -> dict[str, datetime | None]:
        """The latest sign-in of each account, tried ones too: so that nobody is taken for idle who is not.

        Microsoft has been seen to deny a premium tenant its plan, so a denial counts when it comes twice.
        """
        path = with_query("/users", select="id,signInActivity", top=LARGEST_WITH_SIGN_INS)
        try:
            found = list(self.graph.items(path, shapes.SignedIn))
        except Refused as error:
            if NOT_PREMIUM not in error.code:
                raise
            found = list(self.graph.items(path, shapes.SignedIn))
        return {user["id"]: _latest(user.get("signInActivity") or {}) for user in found}

    def _reported(self, why: str) -> LastUse:
        """What the usage report says. Its names may be hidden, which its settings tell, and its own rows too."""
        try:
            if self._concealed():
                return LastUse(Source.NOWHERE, why_not=joined(why, CONCEALED), what_to_do=SWITCH)
            rows = list(_rows(self._report()))
        except NotPermitted:
            return LastUse(Source.NOWHERE, why_not=joined(why, NO_REPORTS), what_to_do=GRANT)
        if any("@" not in name for name, _ in rows):
            return LastUse(Source.NOWHERE, why_not=joined(why, CONCEALED), what_to_do=SWITCH)
        path = with_query("/users", select="id,userPrincipalName", top=LARGEST_PAGE)
        ids = {(user["userPrincipalName"] or "").casefold(): user["id"] for user in self.graph.items(path, shapes.User)}
        used = {ids[name]: when for name, when in rows if name in ids}
        return LastUse(Source.REPORT, used, why_not=why)

    def _concealed(self) -> bool:
        """https://learn.microsoft.com/graph/api/adminreportsettings-get; False where the portal may not ask."""
        try:
            found = self.graph.call("GET", "/admin/reportSettings", shape=shapes.ReportSettings)
        except NotPermitted:
            return False
        return bool(found.get("displayConcealedNames"))

    def _report(self) -> str:
        """The report, from the address that Graph sends the caller on to; it takes no token. Raises ConnectorError."""
        link = self.graph.sent_on(REPORT)
        parts, own = urlsplit(link), urlsplit(settings().graph)
        known = parts.scheme == "https" and (parts.hostname or "").endswith(KEEPS_REPORTS)
        if not known and (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            raise not_as_described("GET", "a report somewhere else")
        try:
            response = http.SESSION.request("GET", link)
        except requests.RequestException as error:
            raise TryLater(_("%(name)s did not send its usage report.", name=NAME), code="no report") from error
        if response.status_code != 200:
            raise TryLater(_("%(name)s did not send its usage report.", name=NAME), status=response.status_code)
        return response.content.decode("utf-8-sig", "replace")


def _latest(activity: Mapping[str, str | None]) -> datetime | None:
    found = [moment(activity.get(name)) for name in shapes.SignInActivity.model_fields]
    return max((when for when in found if when), default=None)


def _rows(report: str) -> Iterator[tuple[str, datetime | None]]:
    """Username and last activity of each row. Raises TryLater for a file without these columns."""
    reader = csv.DictReader(io.StringIO(report))
    columns = [name for name in reader.fieldnames or () if name.endswith(LAST_ACTIVITY)]
    if not columns or "User Principal Name" not in (reader.fieldnames or ()):
        raise not_as_described("GET", "a report without its columns")
    for row in reader:
        days = [row[name] for name in columns if row.get(name)]
        yield row["User Principal Name"].strip().casefold(), _day(max(days)) if days else None


def _day(day: str) -> datetime:
    """The report knows days only. Raises TryLater."""
    try:
        return datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError as error:
        raise not_as_described("GET", "a report with other dates") from error
