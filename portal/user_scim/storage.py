"""Where the SCIM library reads and writes users of the portal. What is written takes effect at once."""

from datetime import timedelta
from typing import Any

from scim2_models import InvalidValueException, Resource, ResourceType, UniquenessException

from portal import audit
from portal.api_tokens.models import ApiToken
from portal.auth import actions
from portal.auth.models import AccessLevel, Kind, User, UserSource
from portal.database import now, transaction
from portal.scim_protocol import sizes
from portal.scim_protocol.row_storage import RowStorage
from portal.user_scim import linking, roles
from portal.user_scim.models import KEY, ScimUser
from portal.user_scim.schema import USERS
from portal.user_scim.schema import User as Described
from portal.user_sources import following
from portal.user_sources.following import CannotCome, Given
from portal.user_sources.groups import ENDS_AT_ONCE

# Within this time a directory ends as many users as a reading of groups does, and an Admin is asked about more.
COUNTED = timedelta(hours=24)


class Storage(RowStorage):
    """The users whom the directory of an organisation manages. token: the one that comes."""

    model, kind, described, changed = ScimUser, Described, USERS, "changed_at"
    missing = "There is no such user."

    def __init__(self, token: ApiToken):
        self.token, self.organisation = token, token.organisation
        self.mine = ScimUser.organisation == self.organisation

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        said = _said(resource)
        email, given = _email(said), self._given(said)
        with audit.turn(self.organisation.id):
            known = User.get_or_none(User.email == email, User.organisation == self.organisation)
            self._keep_unique(_user_name(said))
            if known is not None:
                self._take_back(known, given)
            else:
                known = self._made(given, said, email)
            row = ScimUser.create(
                organisation=self.organisation, user=known, user_name=_user_name(said), resource=said
            )  # fmt: skip
            UserSource.update(subject=row.resource_id).where(UserSource.user == known).execute()
            if said.get("active") is False:
                following.end(UserSource.get(UserSource.user == known))
        linking.link(known, said.get("externalId"))
        return self.shown(row)

    def _keep_unique(self, user_name: str, row_id: int = 0) -> None:
        if ScimUser.select().where(self.mine, ScimUser.user_name == user_name, ScimUser.id != row_id).exists():
            raise UniquenessException(detail="Another user has this userName.")

    def _made(self, given: Given, said: dict[str, Any], email: str) -> User:
        try:
            return following.make(self.organisation, given, email=email, name=_name(said))
        except CannotCome as problem:
            raise InvalidValueException(detail=str(problem.message)) from None
        except actions.UserRefused as problem:
            raise UniquenessException(detail=str(problem.message)) from None

    def _take_back(self, user: User, given: Given) -> None:
        """Give somebody whom the directory managed before their access again. Others stay with the Admins."""
        source = UserSource.get_or_none(UserSource.user == user)
        if source is None or source.kind != Kind.SCIM or ScimUser.select().where(ScimUser.user == user).exists():
            raise UniquenessException(
                detail="This user exists already. In the portal an Admin opens them under Users and presses "
                "“Let SCIM decide from now on”."
            )
        following.follow(source, given)

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        said = _said(resource)
        with audit.turn(self.organisation.id):
            row = self.row(str(resource.id), expected_version)
            source = UserSource.get_or_none(UserSource.user == row.user_id, UserSource.kind == Kind.SCIM)
            renamed = _email(said) not in (row.user.email, _email(row.resource))
            # Whom an Admin looks after here keeps the address that the Admin knows.
            if renamed and source is not None:
                self._rename(row.user, _email(said), self._given(said, row.resource_id))
            self._keep_unique(_user_name(said), row.id)
            if source is not None and said.get("active") is False:
                self._end(source)
            elif source is not None:
                following.follow(source, self._given(said, row.resource_id), name=_name(said) or None)
            if row.resource != said:
                row.resource, row.user_name, row.changed_at = said, _user_name(said), now()
                row.version += 1
                row.save()
        if source is not None:
            linking.link(row.user, said.get("externalId"))
        return self.shown(row)

    def _rename(self, user: User, email: str, given: Given) -> None:
        """Another address of the same user, under the rules for a new one. Links mailed to the old one end."""
        if email.rpartition("@")[2] not in following.own_domains(self.organisation):
            raise InvalidValueException(detail=f"{email} is not an address of your organisation’s own domains.")
        with transaction():
            if User.select().where(User.email == email).exists():
                raise UniquenessException(detail=f"Another user already signs in as {email}.")
            before = user.email
            User.update(email=email).where(User.id == user.id).execute()
            actions.end_links(user)
            told = {"before": {"email": before}, "after": {"email": email}, **given.told}
            audit.record(given.actor, "change user", user, **told)

    def _end(self, source: UserSource) -> None:
        """End the access, or ask an Admin where the directory ends many within a day."""
        mine = (UserSource.organisation == self.organisation) & (UserSource.kind == Kind.SCIM)
        ended = UserSource.select().where(mine, UserSource.ended_at > now() - COUNTED).count()
        total = UserSource.select().where(mine).count()
        if source.ended_at is None and ended >= max(ENDS_AT_ONCE, total // 3):
            following.hold(source)
        else:
            following.end(source)

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        """End the access. The user stays, as the audit log names them."""
        with audit.turn(self.organisation.id):
            row = self.row(resource_id, expected_version)
            source = UserSource.get_or_none(UserSource.user == row.user_id, UserSource.kind == Kind.SCIM)
            if source is not None:
                self._end(source)
            row.delete_instance()

    def _given(self, said: dict[str, Any], subject: str = "") -> Given:
        """Raises InvalidValueException for a role that is no access level."""
        try:
            level, part = roles.level_of(said.get("roles"))
        except roles.UnknownRole as problem:
            names = ", ".join(level for level in AccessLevel if level != AccessLevel.PART_HR)
            known = f"{names}, hr:country:GB, hr:department:Care"
            raise InvalidValueException(detail=f"“{str(problem)[:80]}” is none of {known}.") from None
        key = subject or _user_name(said)[:64]
        return Given(Kind.SCIM, KEY, key, self.token.name, level, part, self.token.known_to)


def _said(resource: Resource[Any]) -> dict[str, Any]:
    said = resource.model_dump(exclude={"id", "meta"})
    sizes.check_parts(said)
    return said


def _user_name(said: dict[str, Any]) -> str:
    text = str(said.get("userName") or "").strip().casefold()
    if not text or len(text) > 254:
        raise InvalidValueException(detail="userName has from 1 to 254 characters.")
    return text


def _email(said: dict[str, Any]) -> str:
    """What they sign in with: the work email, or else the userName. Raises InvalidValueException."""
    mails = [one for one in said.get("emails") or () if one.get("value")]
    first = min(mails, key=lambda one: not one.get("primary"), default=None)
    try:
        return actions.plain_email(str(first["value"]) if first else _user_name(said))
    except actions.UserRefused as problem:
        raise InvalidValueException(detail=str(problem.message)) from None


def _name(said: dict[str, Any]) -> str:
    name = said.get("name") or {}
    parts = " ".join(str(name[part]) for part in ("givenName", "familyName") if name.get(part))
    return str(said.get("displayName") or parts or name.get("formatted") or "").strip()
