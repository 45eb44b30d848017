"""The rules of setting a picture."""

from portal.accounts.place import Place
from portal.auth.models import User
from portal.languages import gettext as _
from portal.operations.models import Operation, State
from portal.operations.requests import PictureRequest, Verb
from portal.portraits.models import PictureBefore
from portal.provisioning.actions import NothingToDo, start


def set_picture(place: Place, *, by: User | str, run: int | None = None) -> Operation:
    """Show the employee's photo as the picture of the account.

    Raises NoAccount; NothingToDo without a photo, and where the application takes no pictures.
    """
    place.need_account()
    if not place.service.capabilities.has_pictures:
        raise NothingToDo(_("%(service)s takes no pictures, so nothing was changed.", service=place.service.name))
    if not place.employee.photo:
        raise NothingToDo(_("%(name)s has no photo, so no picture was set.", name=place.employee.name))
    return start(place, PictureRequest(run=run, photo=place.employee.photo), by=by)


def put_back(place: Place, earlier: Operation, *, by: User) -> Operation:
    """Show the picture that was there before the operation `earlier`. Raises NoAccount, NothingToDo."""
    account = place.need_account()
    kept = PictureBefore.get_or_none(PictureBefore.operation == earlier, PictureBefore.account == account)
    if kept is None:
        raise NothingToDo(_("The previous picture is not known, so nothing was changed."))
    later = (Operation.account == account) & (Operation.verb == Verb.PICTURE) & (Operation.state == State.DONE)
    if Operation.select().where(later, Operation.id > earlier.id).exists():
        raise NothingToDo(_("Another picture has been set since, so nothing was changed."))
    return start(place, PictureRequest(back=earlier.id), by=by)
