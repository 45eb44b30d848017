"""The person in whose name the application asks: profile, settings, folders."""

from typing import Any

from flask import Response, request

from portal.sandbox import mailboxes
from portal.sandbox.graph.calls import address, answer, asked, of_person
from portal.sandbox.graph.mailbox import settings_shown
from portal.sandbox.graph.shapes import CONTEXT, user_shape
from portal.sandbox.mail import items, shapes
from portal.sandbox.odata.options import Options
from portal.sandbox.refusals import Refusal
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User

OWN_PROFILE = (
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)


@of_person("GET", "/me", needs=("User.Read", "User.ReadWrite", "User.Read.All", "User.ReadBasic.All"), mailbox=False)
def me(caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/user-get"""
    select = asked().select or OWN_PROFILE
    shown = user_shape(user.body, Options(select=select), Caller(caller.tenant, is_person=True))
    return answer({"@odata.context": f"{CONTEXT}users/$entity", **shown})


@of_person("GET", "/me/mailboxSettings", needs=("MailboxSettings.Read", "MailboxSettings.ReadWrite"))
def my_settings(caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/user-get-mailboxsettings"""
    return settings_shown(user, mailboxes.open_of(caller.tenant, user))


READ_FOLDERS = ("Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite")


@of_person("GET", "/me/mailFolders", needs=READ_FOLDERS)
def folders(_caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/user-list-mailfolders"""
    own = [item.folder for item in items.of(user) if item.folder not in items.FOLDERS]
    top = int(request.args.get("$top", "10"))
    names = [*items.FOLDERS, *dict.fromkeys(own)]
    page: dict[str, Any] = {"value": [_shown(user, name) for name in names[:top]]}
    if len(names) > top:
        page["@odata.nextLink"] = address(f"/me/mailFolders?$top={len(names)}")
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/mailFolders", **page})


@of_person("GET", "/me/mailFolders/<folder>", needs=READ_FOLDERS)
def folder(_caller: Caller, user: User, folder: str) -> Response:
    """https://learn.microsoft.com/graph/api/mailfolder-get"""
    name = folder_named(user, folder)
    select = tuple(part for part in request.args.get("$select", "").split(",") if part)
    shown = _shown(user, name)
    kept = {key: value for key, value in shown.items() if not select or key in (*select, "id")}
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/mailFolders/$entity", **kept})


def folder_named(user: User, name: str) -> str:
    """By its well-known name or by its id. Raises Refusal."""
    own = [item.folder for item in items.of(user)]
    for known in (*items.FOLDERS, *own):
        if name.casefold() == known.casefold() or name == shapes.folder_id(user, known):
            return known
    raise Refusal(404, "ErrorFolderNotFound", "The specified folder could not be found in the store.")


def _shown(user: User, name: str) -> dict[str, Any]:
    inside = [item for item in items.of(user) if item.folder == name]
    unread = sum(not item.body.get("isRead", True) for item in inside)
    return shapes.folder_shape(user, name, len(inside), unread)
