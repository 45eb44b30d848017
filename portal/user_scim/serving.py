"""Answering one SCIM request about users of the portal."""

from functools import cache

from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from portal.api_tokens.models import ApiToken
from portal.scim_protocol.answering import Service, respond
from portal.user_scim.schema import PROVIDER
from portal.user_scim.storage import Storage


@cache
def _service() -> Service:
    return Service(PROVIDER)


def answer(token: ApiToken, request: ScimRequest) -> ScimResponse:
    """What SCIM answers to the directory that comes with this token."""
    return respond(_service(), Storage(token), request)
