"""The photos of employees. They are kept in the database, so a backup has them and an erasure takes them."""

import hashlib
from typing import IO

from peewee import BlobField, ForeignKeyField

from portal import audit
from portal.audit import Actor
from portal.database import BaseModel, UtcDateTimeField, now, transaction
from portal.organisations.models import Organisation
from portal.people import pictures
from portal.people.models import Employee


class Photo(BaseModel):
    """An employee's photo: a JPEG of 648 × 648 pixels, and a small one for lists. The employee knows its `photo`."""

    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, unique=True, on_delete="CASCADE")
    jpeg = BlobField()
    small = BlobField()
    changed_at = UtcDateTimeField(default=now)


def of(employee: Employee, *, small: bool = False) -> bytes | None:
    """The photo as a JPEG of 648 × 648 pixels under 100 KB, or of 96 × 96; None when there is none."""
    column = Photo.small if small else Photo.jpeg
    found = Photo.select(column).where(Photo.employee == employee).tuples().first()
    return bytes(found[0]) if found else None


def save(employee: Employee, file: IO[bytes], *, by: Actor | str) -> None:
    """Keep the picture in the file as the employee's photo, instead of the one before. Raises pictures.NoPhoto."""
    jpeg, small = pictures.prepared(file)
    values = {"jpeg": jpeg, "small": small, "changed_at": now()}
    with transaction():
        Photo.insert(organisation=employee.organisation_id, employee=employee.id, **values).on_conflict(
            conflict_target=[Photo.employee], update=values
        ).execute()
        _note(employee, hashlib.sha256(jpeg).hexdigest()[:16])
        audit.record(by, "change photo", employee)


def remove(employee: Employee, *, by: Actor | str) -> None:
    """Forget the employee's photo; the page shows their initials again."""
    with transaction():
        if forget(employee):
            audit.record(by, "remove photo", employee)


def forget(employee: Employee) -> bool:
    """Take the photo away, without a word. False when there is none."""
    _note(employee, "")
    return bool(Photo.delete().where(Photo.employee == employee).execute())


def _note(employee: Employee, version: str) -> None:
    employee.photo = version
    Employee.update(photo=version).where(Employee.id == employee.id).execute()
