"""Custom schemas: fields of a customer's own.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/schemas
"""

from typing import Any

from portal.sandbox.google.calls import Asked, call
from portal.sandbox.google.refusals import duplicate, invalid_input, not_found, required
from portal.sandbox.google.state import people
from portal.sandbox.google.state.models import Schema

TYPES = ("STRING", "INT64", "BOOL", "DOUBLE", "EMAIL", "PHONE", "DATE")
READ = ("ALL_DOMAIN_USERS", "ADMINS_AND_SELF")
MOST = 100


def _shown(schema: Schema) -> dict[str, Any]:
    fields = [
        {"kind": "admin#directory#schema#fieldspec", "fieldId": f"f{number}", "etag": people.etag(schema.id, number),
         "readAccessType": "ALL_DOMAIN_USERS", **item}
        for number, item in enumerate(schema.body["fields"])
    ]  # fmt: skip
    return {
        "kind": "admin#directory#schema", "schemaId": schema.id, "etag": people.etag(schema.id, schema.body),
        "schemaName": schema.name, "displayName": schema.body["displayName"], "fields": fields,
    }  # fmt: skip


def _fields(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Raises Refusal."""
    fields = body.get("fields") or []
    if not fields:
        raise required("fields")
    for item in fields:
        if not item.get("fieldName") or item.get("fieldType") not in TYPES:
            raise invalid_input("fields")
        if item.get("readAccessType", READ[0]) not in READ:
            raise invalid_input("fields")
    return fields


@call("directory.schemas.list")
def list_schemas(asked: Asked) -> dict[str, Any]:
    customer = asked.caller.need_customer(asked.names["customerId"])
    found = list(Schema.select().where(Schema.customer == customer.id))
    answer: dict[str, Any] = {"kind": "admin#directory#schemas", "etag": people.etag(customer.id, len(found))}
    return {**answer, "schemas": [_shown(item) for item in found]} if found else answer


def _schema(asked: Asked) -> Schema:
    """Raises Refusal."""
    customer, key = asked.caller.need_customer(asked.names["customerId"]), asked.names["schemaKey"]
    found = Schema.get_or_none((Schema.customer == customer.id) & ((Schema.id == key) | (Schema.name == key)))
    if found is None:
        raise not_found("schemaKey")
    return found


@call("directory.schemas.get")
def get(asked: Asked) -> dict[str, Any]:
    return _shown(_schema(asked))


@call("directory.schemas.insert")
def insert(asked: Asked) -> dict[str, Any]:
    customer = asked.caller.need_customer(asked.names["customerId"], super_admin=True)
    name = asked.body.get("schemaName")
    if not name:
        raise required("schemaName")
    held = Schema.select().where(Schema.customer == customer.id)
    if held.where(Schema.name == name).exists():
        raise duplicate()
    if held.count() >= MOST:
        raise invalid_input("schemas")
    body = {"displayName": asked.body.get("displayName") or name, "fields": _fields(asked.body)}
    own = f"{people.new_id()[-16:]}=="
    return _shown(Schema.create(id=own, customer=customer.id, name=name, body=body))


@call("directory.schemas.update")
def update(asked: Asked) -> dict[str, Any]:
    asked.caller.need_super_admin()
    schema = _schema(asked)
    schema.body["fields"] = _fields({**schema.body, **asked.body})
    schema.body["displayName"] = asked.body.get("displayName") or schema.body["displayName"]
    schema.save()
    return _shown(schema)


@call("directory.schemas.patch")
def patch(asked: Asked) -> dict[str, Any]:
    return update(asked)
