"""An employee's photo: the picture itself, and the page that changes it."""

from flask import Blueprint, abort, flash, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response

from portal import access, seeing
from portal.access import Action
from portal.languages import gettext as _
from portal.languages import joined
from portal.people import photos
from portal.people.pictures import NoPhoto
from portal.security import costly
from portal.web import Answer, leave_to, page

blueprint = Blueprint("photos", __name__)
PHOTO = "/people/employees/<int:employee_id>/photo"
# The address changes with the photo. Only the browser of this user keeps it, and not for long.
SIZES = ("large", "small")
KEPT = "private, max-age=3600"


class PhotoForm(FlaskForm):
    file = FileField(_("Picture (JPEG, PNG, WebP or GIF)"), validators=[FileRequired(_("Choose a picture."))])


@blueprint.get(f"{PHOTO}/<size>/<version>")
@access.requires(Action.VIEW_EMPLOYEES)
def show(employee_id: int, size: str, version: str) -> Response:
    """The photo. size: "large" or "small". version: Employee.photo, so that a changed photo has another address."""
    employee = seeing.employee_or_404(employee_id)
    content = photos.of(employee, small=size == "small") if employee.photo == version and size in SIZES else None
    if content is None:
        abort(404)
    return Response(content, content_type="image/jpeg", headers={"Cache-Control": KEPT, "Vary": "Cookie"})


@blueprint.get(PHOTO)
@access.requires(Action.EDIT_EMPLOYEES)
def ask(employee_id: int) -> Answer:
    return _page(employee_id, PhotoForm())


@blueprint.post(PHOTO)
@costly
@access.requires(Action.EDIT_EMPLOYEES)
def change(employee_id: int) -> Answer:
    employee, form = seeing.employee_or_404(employee_id), PhotoForm()
    if not form.validate():
        return _page(employee_id, form, status=422)
    try:
        photos.save(employee, form.file.data.stream, by=current_user)
    except NoPhoto as problem:
        form.file.errors = [joined(problem.message, problem.next_step)]
        return _page(employee_id, form, status=problem.status)
    flash(_("The photo has been saved."), "success")
    return leave_to(url_for("people.profile", employee_id=employee_id))


@blueprint.post(f"{PHOTO}/remove")
@access.requires(Action.EDIT_EMPLOYEES)
def remove(employee_id: int) -> Answer:
    photos.remove(seeing.employee_or_404(employee_id), by=current_user)
    flash(_("The photo has been removed."), "success")
    return leave_to(url_for("people.profile", employee_id=employee_id))


def _page(employee_id: int, form: PhotoForm, status: int = 200) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    return page("employee_list/photo.html", status=status, employee=employee, form=form, tab="profile")
