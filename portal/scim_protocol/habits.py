"""What Entra, Okta and exporters written for Entra send beyond the standard, brought into its form before it is read.

https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
"""

import json
from typing import Any

from scim2_models import InvalidSyntaxException, InvalidValueException

from portal.scim_protocol.words import ENTERPRISE

MANAGER = f"{ENTERPRISE}:manager".casefold()
# Attributes of which a person has several, and those whose value may be a number elsewhere.
SEVERAL = frozenset(
    {"emails", "phonenumbers", "addresses", "ims", "photos", "groups", "entitlements", "roles", "x509certificates"}
)
NUMBERS = frozenset({"externalid", "employeenumber"})


def read(body: bytes) -> dict[str, Any]:
    """The JSON object of a request, in the form of the standard. Raises SCIMException."""
    try:
        found = json.loads(body)
        # PostgreSQL keeps no NUL, and half a character has no form in UTF-8.
        whole = "\0" not in json.dumps(found, ensure_ascii=False).encode().decode()
    except (ValueError, RecursionError):
        raise InvalidSyntaxException(detail="The body is not JSON.") from None
    if not isinstance(found, dict) or not whole or "\\u0000" in body.decode(errors="replace").casefold():
        raise InvalidSyntaxException(detail="The body must be a JSON object without the character U+0000.")
    return tidied(found)


def tidied(body: dict[str, Any]) -> dict[str, Any]:
    """The same in the form of the standard: a person, a change of one, or a bulk request."""
    for name in [name for name in body if name.casefold() == "operations"]:
        if isinstance(body[name], list):
            several = [_apart(one) if isinstance(one, dict) else [one] for one in body[name]]
            body[name] = [_operation(one) if isinstance(one, dict) else one for some in several for one in some]
        return body
    _person(body)
    return body


def _apart(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The operation, and one of its own for each value whose name is a path, as in emails[type eq "work"].value."""
    value = operation.get("value")
    if "method" in operation or operation.get("path") or not isinstance(value, dict):
        return [operation]
    paths = {name: said for name, said in value.items() if "[" in name}
    rest = {name: said for name, said in value.items() if name not in paths}
    own = [{"op": operation.get("op"), "path": name, "value": said} for name, said in paths.items()]
    return [{**operation, "value": rest}, *own] if rest or not paths else own


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    """One operation of a bulk request, or of a PATCH."""
    if "method" in operation:
        if isinstance(operation.get("data"), dict):
            tidied(operation["data"])
        return operation
    path, value = operation.get("path"), operation.get("value")
    named = path.casefold() if isinstance(path, str) else ""
    _refuse_password({named: value})
    if named == MANAGER and str(operation.get("op", "")).casefold() != "remove":
        operation["value"] = _manager(value)
        if operation["value"] is None:
            return {"op": "remove", "path": path}
    elif not named and isinstance(value, dict):
        _person(value)
    elif named and _is_single(named):
        operation["value"] = _text(named, _alone(value))
    return operation


def _is_single(path: str) -> bool:
    """Whether it names one value, and no list."""
    return "]." in path or ("[" not in path and path.rpartition(":")[2].partition(".")[0] not in SEVERAL)


def _alone(value: Any) -> Any:
    """A single value that came in a list, as Entra sends it: [{"$ref": null, "value": "Lead"}]."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
        value = value["value"] if isinstance(value, dict) and value.keys() <= {"$ref", "value"} else value
    return value


def _text(name: str, value: Any) -> Any:
    """A number of a person or an id as a text: other systems keep them as numbers."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and name.casefold().rpartition(":")[2] in NUMBERS else value


def _person(values: dict[str, Any]) -> None:
    _refuse_password(values)
    for name in list(values):
        values[name] = _text(name, values[name])
        if name.casefold() == MANAGER:
            values[name] = _manager(values[name])
        elif name.casefold() == ENTERPRISE.casefold() and isinstance(values[name], dict):
            for inner in values[name]:
                values[name][inner] = _text(inner, values[name][inner])
            for inner in [key for key in values[name] if key.casefold() == "manager"]:
                values[name][inner] = _manager(values[name][inner])


def _manager(value: Any) -> dict[str, Any] | None:
    """A manager who came as a text, in a list, as an object or as an address of one; None for nobody."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("value") or str(value.get("$ref") or "").rstrip("/").rpartition("/")[2]
    return {"value": str(value)} if value else None


def _refuse_password(values: dict[str, Any]) -> None:
    if any(name.casefold() == "password" for name in values):
        raise InvalidValueException(detail="The portal takes no passwords. Take the attribute out of the mapping.")
