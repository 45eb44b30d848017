"""The rules of another username."""

from portal.accounts import fields
from portal.accounts.place import Place
from portal.auth.models import User
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.operations.requests import RenameRequest
from portal.provisioning.actions import NothingToDo, start

# What the record and the username say together.
NAMES = ("display_name", "first_name", "last_name")


def rename(
    place: Place, username: str, *, update_company_email: bool = True, by: User | str, run: int | None = None
) -> Operation:
    """Give the employee's account another username, and the names of the HR record with it.

    username: whole, and known to be acceptable; a name that is taken is refused by the application. Where there is a
    private address, an email tells the employee. Raises NoAccount; NothingToDo when the account has the name already;
    NameTaken when another employee has it, or is getting it.
    """
    account, employee = place.need_account(), place.employee
    if username.casefold() == account.username.casefold():
        raise NothingToDo(_("The username is %(username)s already.", username=account.username))
    asked = RenameRequest(
        run=run, username=username, old=account.username, names=_names(place),
        update_company_email=update_company_email and place.connection.gives_company_email,
        recipient=employee.personal_email,
    )  # fmt: skip
    return start(place, asked, by=by)


def _names(place: Place) -> dict[str, str]:
    """The names of the record, as far as the organisation lets them flow."""
    wanted = [name for name in fields.chosen(place.connection) if name in NAMES]
    values = fields.values_of(place.employee, place.connection, wanted) if wanted else {}
    return {name: value for name, value in values.items() if value}
