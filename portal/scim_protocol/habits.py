"""What Entra, Okta and exporters written for Entra send beyond the standard, brought into its form before it is read.

https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
"""

import json
from typing import Any

from scim2_models import InvalidSyntaxException, InvalidValueException

from portal.scim_protocol.words import ENTERPRISE

MANAGER = f"{ENTERPRISE}:manager".casefold()


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
            body[name] = [_operation(one) if isinstance(one, dict) else one for one in body[name]]
        return body
    _person(body)
    return body


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
    return operation


def _person(values: dict[str, Any]) -> None:
    _refuse_password(values)
    for name in list(values):
        if name.casefold() == MANAGER:
            values[name] = _manager(values[name])
        elif name.casefold() == ENTERPRISE.casefold() and isinstance(values[name], dict):
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
