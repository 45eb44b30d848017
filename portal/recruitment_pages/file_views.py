"""A candidate's file, for those who see the application that it came with."""

from flask import Blueprint
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, seeing
from portal.access import Action
from portal.candidate_care import entries  # noqa: F401 - puts files and emails on the timeline
from portal.recruitment import sight
from portal.recruitment.files import StoredFile, content_of
from portal.recruitment.models import Application
from portal.web import Answer, file_download

blueprint = Blueprint("candidate_files", __name__, url_prefix="/recruitment/files")


@blueprint.get("/<int:file_id>")
@access.requires(Action.TAKE_PART)
def download(file_id: int) -> Answer:
    file = seeing.own_or_404(StoredFile, file_id)
    if not sight.applications(current_user).where(Application.id == file.application_id).exists():
        raise NotFound()
    return file_download(content_of(file), file.name)
