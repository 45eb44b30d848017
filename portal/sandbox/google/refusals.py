"""What the APIs say no with, in the shape that the Directory API has had since its beginning.

https://developers.google.com/workspace/admin/directory/v1/guides/troubleshoot-error-codes
"""

from typing import Any


class Refusal(Exception):
    """An error answer. where: (locationType, location). more: of the newer shape, status and details."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        said: str = "",
        where: tuple[str, str] | None = None,
        headers: dict[str, str] | None = None,
        plain: str = "",
        more: dict[str, Any] | None = None,
    ):
        super().__init__(message)
        self.status, self.reason, self.message, self.said = status, reason, message, said or message
        self.where, self.headers, self.plain, self.more = where, headers or {}, plain, more or {}

    def body(self) -> dict[str, Any]:
        item = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.where:
            item.update(locationType=self.where[0], location=self.where[1])
        return {"error": {"code": self.status, "message": self.said, "errors": [item], **self.more}}


def invalid(what: str) -> Refusal:
    """A value that cannot be: "Invalid Input: primary_user_email" and the like."""
    return Refusal(400, "invalid", what)


def invalid_input(name: str) -> Refusal:
    return invalid(f"Invalid Input: {name}")


def bad_request(message: str = "Bad Request") -> Refusal:
    return Refusal(400, "badRequest", message)


def required(name: str) -> Refusal:
    return Refusal(400, "required", f"Missing required field: {name}")


def not_found(what: str) -> Refusal:
    """what: userKey, groupKey, memberKey …"""
    return Refusal(404, "notFound", f"Resource Not Found: {what}")


def domain_not_found() -> Refusal:
    return Refusal(404, "notFound", "Domain not found.")


def forbidden() -> Refusal:
    return Refusal(403, "forbidden", "Not Authorized to access this resource/api")


def duplicate() -> Refusal:
    return Refusal(409, "duplicate", "Entity already exists.")


def under_way() -> Refusal:
    """A rename that has not gone everywhere yet."""
    return Refusal(409, "conflict", "Conflict: the user is being changed. Please try again later.")


def not_met(message: str) -> Refusal:
    return Refusal(412, "conditionNotMet", message)


def unauthorised(message: str = "Invalid Credentials") -> Refusal:
    header = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
    return Refusal(401, "authError", message, where=("header", "Authorization"), headers=header)


def login_required() -> Refusal:
    header = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'}
    return Refusal(401, "required", "Login Required", where=("header", "Authorization"), headers=header)


def scope_missing(service: str, method: str, scopes: list[str]) -> Refusal:
    wanted = " ".join(scopes)
    header = f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{wanted}"'
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com", "metadata": {"service": service, "method": method},
    }  # fmt: skip
    return Refusal(
        403, "insufficientPermissions", "Insufficient Permission",
        said="Request had insufficient authentication scopes.", headers={"WWW-Authenticate": header},
        more={"status": "PERMISSION_DENIED", "details": [info]},
    )  # fmt: skip


def api_not_enabled(service: str) -> Refusal:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com",
        "metadata": {"service": service, "consumer": "projects/1"},
    }  # fmt: skip
    text = f"{service} has not been used in project 1 before or it is disabled."
    return Refusal(
        403, "accessNotConfigured", text, more={"status": "PERMISSION_DENIED", "details": [info]},
    )  # fmt: skip
