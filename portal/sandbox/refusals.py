"""What Graph says no with.

https://learn.microsoft.com/graph/errors
"""

from typing import Any


class Refusal(Exception):
    """An error answer of Graph."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        inner: dict[str, str] | None = None,
    ):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.details, self.headers, self.inner = details, headers or {}, inner or {}

    def body(self, *, request_id: str, client_request_id: str, date: str) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        own = {"date": date, "request-id": request_id, "client-request-id": client_request_id}
        error["innerError"] = {**self.inner, **own}
        return {"error": error}


def bad_request(
    message: str, *, details: list[dict[str, str]] | None = None, code: str = "Request_BadRequest"
) -> Refusal:
    return Refusal(400, code, message, details=details)


def malformed(message: str) -> Refusal:
    """A request that Graph cannot read at all."""
    return Refusal(400, "BadRequest", message)


def unsupported(message: str = "Unsupported Query.") -> Refusal:
    """https://learn.microsoft.com/graph/aad-advanced-queries"""
    return Refusal(400, "Request_UnsupportedQuery", message)


def bad_value(name: str, resource: str = "User") -> Refusal:
    message = f"Invalid value specified for property '{name}' of resource '{resource}'."
    return bad_request(message, details=[{"code": "InvalidValue", "message": message, "target": name}])


def missing_value(name: str, resource: str = "User") -> Refusal:
    return bad_request(f"A value is required for property '{name}' of resource '{resource}'.")


def conflict(target: str) -> Refusal:
    """A unique value that another object has."""
    message = f"Another object with the same value for property {target} already exists."
    found = [{"code": "ObjectConflict", "message": message, "target": target}]
    if target != "userPrincipalName":
        found.append({"code": "ConflictingObjects", "message": message, "target": target})
    return bad_request(message, details=found)


def not_found(name: str) -> Refusal:
    message = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return Refusal(404, "Request_ResourceNotFound", message)


def not_permitted() -> Refusal:
    return Refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


CHALLENGE = 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'


def unauthorised(message: str, challenge: str = "") -> Refusal:
    """challenge: more of the WWW-Authenticate header, for continuous access evaluation."""
    header = f"{CHALLENGE}, {challenge}" if challenge else CHALLENGE
    return Refusal(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": header})
