from datetime import date
from typing import Any

from anyascii import anyascii
from peewee import CharField, DateField, ForeignKeyField, TextField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.organisations.models import Organisation


class Employee(BaseModel):
    """A person the organisation employs. A name may be a single word and may be in any script.

    successor: who takes over their reports on the last day. second_manager: only shown; nothing follows from it.
    time_zone: a key such as Australia/Sydney, or empty: people.zones says which zone counts.
    photo: which one people.photos has, in letters that change with it; empty for none.
    leave_from, leave_to: the first day of a leave of absence, and the day on which they are back at work.
    """

    organisation_id: int
    manager_id: int | None
    successor_id: int | None
    second_manager_id: int | None
    reports: Any
    organisation = ForeignKeyField(Organisation, backref="employees", on_delete="CASCADE")
    employee_number = CharField(max_length=40)
    first_name = CharField(max_length=100, default="")
    last_name = CharField(max_length=100, default="")
    preferred_name = CharField(max_length=100, default="")
    job_title = CharField(max_length=200, default="")
    department = CharField(max_length=200, default="")
    manager = ForeignKeyField("self", null=True, backref="reports", on_delete="SET NULL")
    successor = ForeignKeyField("self", null=True, backref="predecessors", on_delete="SET NULL")
    second_manager = ForeignKeyField("self", null=True, backref="second_reports", on_delete="SET NULL")
    personal_email = CharField(max_length=254, default="")
    company_email = CharField(max_length=254, default="")
    mobile = CharField(max_length=60, default="")
    country = CharField(max_length=2, default="")
    location = CharField(max_length=200, default="")
    employment_type = CharField(max_length=60, default="")
    time_zone = CharField(max_length=64, default="")
    start_date = DateField(null=True)
    end_date = DateField(null=True)
    leave_from = DateField(null=True)
    leave_to = DateField(null=True)
    photo = CharField(max_length=16, default="")
    sort_name = CharField(max_length=220, default="")
    search_text = TextField(default="")
    created_at = UtcDateTimeField(default=now)
    changed_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = (
            (("organisation", "employee_number"), True),
            (("organisation", "sort_name", "id"), False),
            (("organisation", "department"), False),
            (("organisation", "location"), False),
            (("organisation", "changed_at"), False),
            # Who reports to somebody, in order, so that no statistics are needed to prefer it.
            (("organisation", "manager", "sort_name", "id"), False),
        )

    @property
    def name(self) -> str:
        """What colleagues call the person: preferred name and last name."""
        return " ".join(part for part in (self.preferred_name or self.first_name, self.last_name) if part)

    def is_starter(self, today: date) -> bool:
        """Whether the first day is still to come. today: in the organisation's zone."""
        return self.start_date is not None and self.start_date > today

    def is_on_leave(self, today: date) -> bool:
        """Whether the employee is on a leave of absence. today: in the organisation's zone."""
        begun = self.leave_from is not None and self.leave_from <= today
        return begun and (self.leave_to is None or today < self.leave_to)

    @property
    def is_leaver(self) -> bool:
        return self.end_date is not None

    def has_left(self, today: date) -> bool:
        """Whether the last day has passed. today: in the organisation's zone."""
        return self.end_date is not None and self.end_date < today

    def derive(self) -> None:
        """Work out what is kept to sort and to find the record by."""
        self.sort_name = f"{self.last_name or self.first_name} {self.first_name}".strip().casefold()[:220]
        self.search_text = searchable(
            self.first_name, self.last_name, self.preferred_name, self.employee_number, self.job_title,
            self.department, self.personal_email, self.company_email, self.location,
        )  # fmt: skip

    def save(self, *args: Any, **kwargs: Any) -> int:
        self.derive()
        return super().save(*args, **kwargs)


class MovedReport(BaseModel):
    """An employee who reported to a leaver and was moved to another manager, to be moved back if the leaver stays."""

    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    leaver = ForeignKeyField(Employee, backref="moved_reports", on_delete="CASCADE")
    employee = ForeignKeyField(Employee, backref="moves", on_delete="CASCADE")
    manager = ForeignKeyField(Employee, backref="gained_reports", on_delete="CASCADE")
    moved_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("leaver", "employee"), True),)


def searchable(*parts: str) -> str:
    """The words in lower case, each after a space, and also in plain letters, so that "muller" finds "Müller"."""
    text = "".join(f" {part}" for part in parts if part).casefold()
    plain = anyascii(text).casefold()
    return text if plain == text else text + plain
