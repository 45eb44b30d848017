"""Where the SCIM library reads and writes: the rows of one client. Each write is followed by what is made of it."""

import json
from collections.abc import Iterator
from functools import reduce
from operator import and_
from typing import Any

from scim2_models import (
    ForbiddenException,
    InvalidValueException,
    Resource,
    ResourceType,
    ScimFilter,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_models.path.expressions import LogicalExpr, LogicalOperator, ValuePath

from portal import audit
from portal.database import now
from portal.people import rules
from portal.scim import reading, working
from portal.scim.models import ScimAddress, ScimClient, ScimPerson, address_key
from portal.scim.schema import USERS, FullUser
from portal.scim_protocol import sizes
from portal.scim_protocol.row_storage import RowStorage
from portal.scim_protocol.words import USER

LONGEST = 400
# What the portal adds to a resource.
OURS = frozenset({"id", "meta", "schemas"})


class Storage(RowStorage):
    """The people of one client."""

    model, kind, described, changed = ScimPerson, FullUser, USERS, "received_at"
    missing = "There is no such person."

    def __init__(self, client: ScimClient):
        self.client = client
        self.mine = (ScimPerson.client == client) & ScimPerson.deleted_at.is_null()

    def candidates(self, rows: Any, wanted: ScimFilter[Any]) -> Any:
        """By an index the rows of whom the filter names, else those that hold the texts with which it compares."""
        named = next((found for node in _joined(wanted.ast) if (found := _named(node)) is not None), None)
        if named is not None:
            return rows.where(named)
        texts = [json.dumps(text, ensure_ascii=False)[1:-1].casefold() for text in _compared(wanted.ast)]
        if texts:
            rows = rows.where(reduce(and_, (ScimPerson.search_text.contains(text) for text in texts)))
        return rows.iterator()

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        with audit.turn(self.client.organisation_id):
            person = ScimPerson(client=self.client, organisation=self.client.organisation_id)
            self._take(person, resource)
            person.save(force_insert=True)
            person.keep_addresses()
            working.forget_deleted(person)
        working.received(person, self.client)
        return self.shown(ScimPerson.get_by_id(person.id))

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        with audit.turn(self.client.organisation_id):
            person = self.row(str(resource.id), expected_version)
            before = person.resource
            self._take(person, resource)
            if person.resource != before:
                person.version += 1
                person.save()
                person.keep_addresses()
        if person.resource != before:
            working.received(person, self.client)
        return self.shown(ScimPerson.get_by_id(person.id))

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        """End the link. The employee stays, and is proposed as a leaver as with active false."""
        with audit.turn(self.client.organisation_id):
            person = self.row(resource_id, expected_version)
            person.deleted_at = person.received_at = now()
            person.inactive_since = person.inactive_since or self.client.organisation.today
            person.waits = True
            person.save()
        working.received(person, self.client)

    def row(self, resource_id: str, expected_version: str | None = None) -> ScimPerson:
        person: ScimPerson = super().row(resource_id, expected_version)
        person.client = self.client
        return person

    def _take(self, person: ScimPerson, resource: Resource[Any]) -> None:
        """Put what the client says into the row. Raises SCIMException."""
        said = resource.model_dump(exclude={"id", "meta"})
        sizes.check_parts(said)
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


def _joined(node: Any) -> Iterator[Any]:
    """The parts of a filter that hold for every match: of what is joined by and, each."""
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
        for child in node.terms:
            yield from _joined(child)
    else:
        yield node


def _named(node: Any) -> Any:
    """Which rows can match, by a column with an index; None where the part of a filter names nobody.

    Of texts beyond ASCII, one is written in several ways: those are left to the comparison itself.
    """
    if isinstance(node, ValuePath) and _attribute(node.attr_path) == "emails":
        inner = (one for one in _joined(node.val_filter) if _is_eq(one) and _attribute(one.attr_path) == "value")
        return next((_has_address(one.value) for one in inner), None)
    if not _is_eq(node):
        return None
    attribute, text = _attribute(node.attr_path), node.value
    if attribute == "emails.value":
        return _has_address(text)
    column = {"id": ScimPerson.resource_id, "externalid": ScimPerson.external_id, "username": ScimPerson.user_name}
    if attribute not in column:
        return None
    return column[attribute] == (text.strip().casefold() if attribute == "username" else text.strip())


def _is_eq(node: Any) -> bool:
    text = node.value if isinstance(node, Comparison) and node.op == CompareOperator.eq else None
    return isinstance(text, str) and text.isascii() and "\0" not in text


def _attribute(path: Any) -> str:
    """The attribute of the core schema in small letters; empty for one of another."""
    if path.uri and path.uri.casefold() != USER.casefold():
        return ""
    return f"{path.attr}.{path.sub_attr}".casefold() if path.sub_attr else str(path.attr).casefold()


def _has_address(text: str) -> Any:
    having = ScimAddress.select(ScimAddress.person).where(
        ScimAddress.client == ScimPerson.client, ScimAddress.address == address_key(text)
    )
    return ScimPerson.id.in_(having)


def _compared(node: Any) -> list[str]:
    """The texts of which every match holds each: of comparisons with eq that are joined by and."""
    found = []
    for part in _joined(node):
        ours = isinstance(part, Comparison) and part.attr_path.attr.casefold() in OURS
        if isinstance(part, Comparison) and part.op == CompareOperator.eq and isinstance(part.value, str) and not ours:
            found += [part.value] if _is_whole(part.value) else []
    return found


def _is_whole(text: str) -> bool:
    """Whether the database can be asked for it: nothing is half a character."""
    return text.encode(errors="ignore").decode() == text
