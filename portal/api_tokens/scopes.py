"""What a token may be allowed to do: each route of the API needs one of these scopes."""

from enum import StrEnum

from portal.languages import gettext as _


class Scope(StrEnum):
    EMPLOYEES_READ = "employees:read"
    EMPLOYEES_WRITE = "employees:write"
    EMPLOYEES_PRIVATE = "employees:private"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    AUDIT_READ = "audit:read"
    SCIM = "scim"
    PORTAL_USERS = "scim:users"


WORDS: dict[Scope, str] = {
    Scope.EMPLOYEES_READ: _("Read the records of employees, without private contact details"),
    Scope.EMPLOYEES_WRITE: _("Add employees and change their records"),
    Scope.EMPLOYEES_PRIVATE: _("See and change the personal email and the mobile number as well"),
    Scope.ACCOUNTS_READ: _("Read accounts, licences and what was done to them"),
    Scope.ACCOUNTS_WRITE: _("Create, link, deactivate and reactivate accounts"),
    Scope.AUDIT_READ: _("Read the audit log"),
    Scope.SCIM: _("Push employees by SCIM"),
    Scope.PORTAL_USERS: _("Manage the users of this portal by SCIM, Admins too"),
}
