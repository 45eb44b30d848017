"""Where the SCIM library reads and writes: the rows of one client. Each write is followed by what is made of it."""

import json
from datetime import UTC
from functools import reduce
from operator import and_
from typing import Any

from scim2_models import (
    ForbiddenException,
    InvalidFilterException,
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ScimFilter,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_models.path.expressions import LogicalExpr, LogicalOperator
from scim2_server.storage import ScimStorage, SearchPage

from portal import audit
from portal.database import now
from portal.people import rules
from portal.scim import reading, working
from portal.scim.models import ScimClient, ScimPerson
from portal.scim.schema import USERS, FullUser

LONGEST = 400
# What the portal adds to a resource.
OURS = frozenset({"id", "meta", "schemas"})


class Storage(ScimStorage):
    """The people of one client."""

    def __init__(self, client: ScimClient):
        self.client = client
        self.mine = (ScimPerson.client == client) & ScimPerson.deleted_at.is_null()

    def get(self, resource_type: ResourceType, resource_id: str, *, response_parameters: Any = None) -> Resource[Any]:
        return as_resource(self._row(resource_id))

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """One page; a filter is answered by Python, among the rows that hold the texts it compares with."""
        start, count = search_request.start_index_0 or 0, search_request.count
        wanted = search_request.filter
        if wanted is None:
            rows = ScimPerson.select().where(self.mine).order_by(ScimPerson.id)
            page = rows.offset(start).limit(count) if count is not None else rows.offset(start)
            return SearchPage(rows.count(), [as_resource(row) for row in page])
        if not wanted.models:
            wanted = ScimFilter[FullUser](str(wanted))
        try:
            found = [one for one in map(as_resource, self._candidates(wanted)) if wanted.match(one)]  # type: ignore[arg-type]
        except ValueError as problem:
            raise InvalidFilterException(detail=str(problem)) from None
        return SearchPage(len(found), found[start : start + count if count is not None else None])

    def _candidates(self, wanted: ScimFilter[Any]) -> Any:
        rows = ScimPerson.select().where(self.mine).order_by(ScimPerson.id)
        texts = [json.dumps(text, ensure_ascii=False)[1:-1].casefold() for text in _compared(wanted.ast)]
        if texts:
            rows = rows.where(reduce(and_, (ScimPerson.search_text.contains(text) for text in texts)))
        return rows.iterator()

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        with audit.turn(self.client.organisation_id):
            person = ScimPerson(client=self.client, organisation=self.client.organisation_id)
            self._take(person, resource)
            person.save(force_insert=True)
            working.forget_deleted(person)
        working.received(person, self.client)
        return as_resource(ScimPerson.get_by_id(person.id))

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        with audit.turn(self.client.organisation_id):
            person = self._row(str(resource.id), expected_version)
            before = person.resource
            self._take(person, resource)
            if person.resource != before:
                person.version += 1
                person.save()
        if person.resource != before:
            working.received(person, self.client)
        return as_resource(ScimPerson.get_by_id(person.id))

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        """End the link. The employee stays, and is proposed as a leaver as with active false."""
        with audit.turn(self.client.organisation_id):
            person = self._row(resource_id, expected_version)
            person.deleted_at = person.received_at = now()
            person.inactive_since = person.inactive_since or self.client.organisation.today
            person.waits = True
            person.save()
        working.received(person, self.client)

    def _row(self, resource_id: str, expected_version: str | None = None) -> ScimPerson:
        person = ScimPerson.get_or_none(self.mine, ScimPerson.resource_id == resource_id)
        if person is None:
            raise NotFoundException(detail="There is no such person.")
        if expected_version is not None and _version(person) != expected_version:
            raise PreconditionFailedException()
        person.client = self.client
        return person

    def _take(self, person: ScimPerson, resource: Resource[Any]) -> None:
        """Put what the client says into the row. Raises SCIMException."""
        said = resource.model_dump(exclude={"id", "meta"})
        for email in said.get("emails") or ():
            if email.get("value") and not rules.EMAIL.fullmatch(email["value"]):
                raise InvalidValueException(detail=f"“{email['value'][:80]}” is not an email address.")
        person.resource, person.search_text = said, json.dumps(said, ensure_ascii=False).casefold()
        person.user_name = _short("userName", said.get("userName")).casefold()
        person.external_id = _short("externalId", said.get("externalId"))
        person.number = _short("employeeNumber", reading.number_of(said, self.client.key))
        person.manager_said = _short("manager", reading.manager_of(said))
        ever = {*person.said, *reading.values_of(said)} | ({"manager"} if person.manager_said else set())
        person.said, person.received_at, person.waits = sorted(ever), now(), True
        if said.get("active") is False:
            person.inactive_since = person.inactive_since or self.client.organisation.today
        else:
            person.inactive_since = None
        same = ScimPerson.select().where(self.mine, ScimPerson.user_name == person.user_name)
        if same.where(ScimPerson.id != (person.id or 0)).exists():
            raise UniquenessException(detail="Another person has this userName.")
        if working.is_of_another(person, self.client):
            raise ForbiddenException(detail="This person comes from another SCIM client of the organisation.")


def _short(name: str, value: Any) -> str:
    text = str(value or "").strip()
    if len(text) > LONGEST:
        raise InvalidValueException(detail=f"{name} has more than {LONGEST} characters.")
    return text


def _version(person: ScimPerson) -> str:
    return f'W/"{person.version}"'


def as_resource(person: ScimPerson) -> Resource[Any]:
    """The person as the client described them, and nothing that the portal knows besides."""
    found = FullUser.model_validate(person.resource)
    found.id = person.resource_id
    found.meta = Meta(
        resource_type=USERS.name, created=person.made_at.astimezone(UTC), version=_version(person),
        last_modified=person.received_at.astimezone(UTC),
    )  # fmt: skip
    return found


def _compared(node: Any) -> list[str]:
    """The texts of which every match holds each: of comparisons with eq that are joined by and."""
    if isinstance(node, Comparison):
        ours = node.attr_path.attr.casefold() in OURS
        return [node.value] if node.op == CompareOperator.eq and isinstance(node.value, str) and not ours else []
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
        return [text for child in node.terms for text in _compared(child)]
    return []
