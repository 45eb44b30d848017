"""Refusals in Microsoft's own shapes and words.

https://learn.microsoft.com/graph/errors
"""

from typing import Any


class Refusal(Exception):
    """Graph says no. details: [{code, message, target}]."""

    def __init__(self, status: int, code: str, message: str, *, details: list[dict] | None = None, headers=None):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.details, self.headers = details or [], headers or {}

    def body(self, *, request_id: str, client_request_id: str, date: str) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        error["innerError"] = {"date": date, "request-id": request_id, "client-request-id": client_request_id}
        return {"error": error}


def bad_request(message: str, **options: Any) -> Refusal:
    return Refusal(400, "Request_BadRequest", message, **options)


def conflict(target: str) -> Refusal:
    message = f"Another object with the same value for property {target} already exists."
    return bad_request(message, details=[{"code": "ObjectConflict", "message": message, "target": target}])


def not_found(name: str) -> Refusal:
    message = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return Refusal(404, "Request_ResourceNotFound", message)


def not_permitted() -> Refusal:
    return Refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def unauthorised(message: str) -> Refusal:
    challenge = 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    return Refusal(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": challenge})
