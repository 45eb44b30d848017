"""Files that were uploaded for an import and wait to be confirmed: on disk, for their owner only, for an hour."""

import re
import secrets
import time
from pathlib import Path

from werkzeug.datastructures import FileStorage

from portal.auth.models import User
from portal.config import settings
from portal.problems import Problem

KEPT_SECONDS = 3600


class UploadGone(Problem):
    """The uploaded file is no longer kept."""

    status = 404
    title = "The file is no longer here"
    next_step = "Open Import CSV and choose the file again."


def keep(upload: FileStorage, user: User) -> str:
    """Keep the file; returns the word that finds it again for this user."""
    folder = _folder()
    _remove_old(folder)
    token = secrets.token_urlsafe(16)
    path = folder / _name(token, user)
    path.touch(mode=0o600)
    upload.save(path)
    return token


def path_of(token: str, user: User) -> Path:
    """Where the user's file is. Raises UploadGone."""
    path = _folder() / _name(token, user)
    if not re.fullmatch(r"[\w-]{22}", token, re.ASCII) or not path.exists():
        raise UploadGone()
    return path


def remove(token: str, user: User) -> None:
    path_of(token, user).unlink(missing_ok=True)


def _name(token: str, user: User) -> str:
    return f"{user.id}-{token}.csv"


def _folder() -> Path:
    folder = settings().instance_dir / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _remove_old(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        try:
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink()
        except FileNotFoundError:
            continue
