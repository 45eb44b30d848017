"""The columns that the portal writes and asks for, and why a line of a file cannot be imported."""

from dataclasses import dataclass

from portal.columns import headings

MANAGER, SECOND = "manager_employee_number", "second_manager_employee_number"
COLUMNS = (
    "employee_number", "first_name", "last_name", "preferred_name", "job_title", "department", MANAGER,
    "personal_email", "company_email", "mobile", "country", "start_date", "end_date",
    "location", "employment_type", "time_zone", "leave_from", "leave_to", SECOND,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line of the file cannot be imported."""

    line: int
    employee_number: str
    reason: str

    def __str__(self) -> str:
        who = f" ({self.employee_number})" if self.employee_number else ""
        return f"Line {self.line}{who}: {self.reason}" if self.line else self.reason


def known(cells: tuple[str, ...]) -> int:
    """How many of the cells are headings that the portal knows: by that their line is found."""
    return headings.recognise(cells).known
