"""Rows of the portal as the API shows them."""

import hashlib
from typing import Any

from portal.accounts.models import Account, Status
from portal.accounts.place import Place
from portal.api import schemas
from portal.api_tokens import checking
from portal.audit import AuditEntry
from portal.connections.offer import names_of
from portal.operations.models import Operation
from portal.people.models import Employee

PRIVATE = frozenset({"personal_email", "mobile"})
SAME = (
    "employee_number", "first_name", "last_name", "preferred_name", "name", "job_title", "department", "location",
    "employment_type", "company_email", "personal_email", "mobile", "country", "time_zone", "start_date", "end_date",
    "leave_from", "leave_to", "created_at", "changed_at",
)  # fmt: skip


def hidden() -> frozenset[str]:
    """The fields of a record that the token of this request does not see."""
    return frozenset() if checking.sees_private() else PRIVATE


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)


def employee(row: Employee) -> schemas.Employee:
    return schemas.Employee.model_construct(
        id=str(row.id), manager=_id(row.manager_id), second_manager=_id(row.second_manager_id),
        erased=is_erased(row), **{name: getattr(row, name) for name in SAME},
    )  # fmt: skip


def is_erased(row: Employee) -> bool:
    return row.employee_number == f"erased-{row.id}"


def version(shown: Any) -> str:
    """What changes with whatever the API shows of it."""
    return hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:32]


def account(place: Place) -> schemas.Account:
    """The account at a place; with the status No access where there is none."""
    found: Account | None = place.account
    names = names_of(place.connection, found.licence_ids) if found is not None else {}
    return schemas.Account(
        application=place.connection.service,
        application_name=place.service.name,
        status=str(found.status if found is not None else Status.NO_ACCESS),  # type: ignore[arg-type]
        username=found.username if found is not None else None,
        account_id=found.remote_id if found is not None else None,
        made_by_portal=found is not None and found.created_by_portal,
        waits_for_first_day=found is not None and found.waits_for_start,
        licences=[schemas.NamedLicence(id=key, name=name) for key, name in names.items()],
        read_at=found.read_at if found is not None else None,
    )


def operation(row: Operation) -> schemas.Operation:
    error = row.error_code or row.error_request_id
    small_print = schemas.SmallPrint(code=row.error_code, request_id=row.error_request_id) if error else None
    return schemas.Operation.model_construct(
        id=str(row.id), employee=str(row.employee_id), application=row.connection.service, verb=row.verb,
        state=row.state, by=row.done_by, username=row.username, created_at=row.created_at,
        finished_at=row.finished_at, message=row.message, next_step=row.next_step, small_print=small_print,
    )  # fmt: skip


def audit_line(row: AuditEntry, previous: str) -> schemas.AuditLine:
    """previous: the hash of the line before."""
    return schemas.AuditLine(
        number=row.number, at=row.at, by=row.by_name, action=row.action, subject_kind=row.subject_kind,
        subject_id=str(row.subject_id), subject_name=row.subject_name, detail=_without_private(row.detail),
        address=row.address, erased=row.erased, hash=row.hash, previous_hash=previous,
    )  # fmt: skip


def _without_private(value: Any) -> Any:
    """The detail of a line without private contact details, unless the token may see them."""
    if checking.sees_private():
        return value
    if isinstance(value, dict):
        return {name: _without_private(item) for name, item in value.items() if name not in PRIVATE}
    return [_without_private(item) for item in value] if isinstance(value, list) else value
