"""Leaving a user, whom an Admin invited once, to the directory."""

from portal import audit
from portal.api_tokens.models import ApiToken
from portal.api_tokens.scopes import Scope
from portal.auth import proof, users
from portal.auth.models import Kind, User, UserSource
from portal.database import transaction
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem
from portal.user_scim.models import KEY, ScimUser


class NoDirectory(Problem):
    message = _("No token may manage users by SCIM.")
    next_step = _("Make one under Settings > Integrations first.")


def directory_of(organisation: Organisation) -> ApiToken | None:
    """The latest token with which a directory manages the users of the organisation."""
    tokens = ApiToken.select().where(ApiToken.organisation == organisation).order_by(ApiToken.id.desc())
    return next((one for one in tokens if Scope.PORTAL_USERS in one.scopes and one.state == "Active"), None)


def to_scim(user: User, *, by: User) -> None:
    """From now on the directory decides about the user, as soon as it says something. Raises NoDirectory."""
    token = directory_of(user.organisation)
    if token is None:
        raise NoDirectory()
    with transaction():
        proof.hold_actor(by)
        if users.source_of(user) is not None:
            return
        said = {"userName": user.email, "displayName": user.name or None, "active": user.enabled}
        resource = {name: value for name, value in said.items() if value is not None}
        row = ScimUser.get_or_none(ScimUser.user == user) or ScimUser.create(
            user=user, organisation=user.organisation, user_name=user.email, resource=resource
        )
        UserSource.create(
            user=user, organisation=user.organisation, kind=Kind.SCIM, key=KEY, subject=row.resource_id, name=token.name
        )  # fmt: skip
        audit.record(by, "let SCIM decide on user", user, email=user.email, client=token.name)
