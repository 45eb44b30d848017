"""The token endpoint.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from flask import Blueprint, Response, request

from portal.sandbox.clock import read
from portal.sandbox.identity import scopes
from portal.sandbox.identity.answers import (
    ANY_TENANT,
    SignInError,
    identity,
    json_answer,
    state,
    tenant_or_refuse,
)
from portal.sandbox.identity.assertions import check_assertion
from portal.sandbox.identity.platform import GRAPH
from portal.sandbox.keys import fresh_code
from portal.sandbox.state import Tenant, User, people
from portal.sandbox.state.models import RefreshToken
from portal.sandbox.state.roles import TEMPLATES

blueprint = Blueprint("token", __name__)
CODE_LIFE = 600
REFRESH_LIFE = 90 * 86400.0


@blueprint.post("/<tenant>/oauth2/v2.0/token")
def token(tenant: str) -> Response:
    with state().work():
        # As the platform does: first the tenant, then the application, then what it proves itself with.
        if tenant not in ANY_TENANT:
            tenant_or_refuse(tenant)
        check_client(tenant)
        kind = request.form.get("grant_type", "")
        if kind not in GRANTS:
            raise SignInError(
                400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{kind}'."
            )
        return json_answer(GRANTS[kind](tenant))


def check_client(tenant: str) -> None:
    """Raises SignInError unless the application proves itself by its secret or its certificate."""
    client_id, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    if request.authorization and request.authorization.type == "basic":
        client_id, secret = request.authorization.username or "", request.authorization.password or ""
    if client_id != identity().client_id:
        raise unknown_application(client_id, tenant)
    if "client_assertion" in request.form:
        check_assertion(request.form["client_assertion"], tenant)
        return
    if not secret:
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise SignInError(401, "invalid_client", 7000218, text)
    if not hmac.compare_digest(secret.encode(), identity().client_secret.encode()):
        text = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{client_id}'."
        )
        raise SignInError(401, "invalid_client", 7000215, text)
    if identity().secret_expired:
        text = f"The provided client secret keys for app '{client_id}' are expired."
        raise SignInError(401, "invalid_client", 7000222, text)


def unknown_application(client_id: str, tenant: str) -> SignInError:
    text = (
        f"Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in it."
    )
    return SignInError(400, "unauthorized_client", 700016, text)


def _for_application(tenant: str) -> dict[str, Any]:
    """An app-only token: its roles are what the tenant granted, none when it granted nothing yet."""
    if tenant in ANY_TENANT:
        text = f"The grant type is not supported over the /common or /organizations endpoints: '{tenant}'."
        raise SignInError(400, "unauthorized_client", 9001023, text)
    home = tenant_or_refuse(tenant)
    scope = request.form.get("scope", "")
    if not identity().serves(scope):
        if scope.endswith("/.default"):
            resource = scope.removesuffix("/.default")
            text = f"The resource principal named {resource} was not found in the tenant named {home.name}."
            raise SignInError(400, "invalid_resource", 500011, text)
        raise SignInError(400, "invalid_scope", 1002012, f"The provided value for scope {scope} is not valid.")
    if not home.registered:
        raise unknown_application(identity().client_id, home.name)
    moment, life = state().clock.time(), identity().token_life
    claims = {
        "aud": GRAPH, "iss": f"https://sts.windows.net/{home.id}/", "iat": int(moment), "nbf": int(moment),
        "exp": int(moment) + life, "app_displayname": "Sandbox client", "appid": identity().client_id, "appidacr": "1",
        "idp": f"https://sts.windows.net/{home.id}/", "idtyp": "app", "oid": people.fixed_service_principal(home),
        "rh": "0.", "sub": people.fixed_service_principal(home), "tenant_region_scope": "EU", "tid": home.id,
        "uti": secrets.token_urlsafe(12), "ver": "1.0", "wids": [TEMPLATES[role] for role in home.app_roles],
    }  # fmt: skip
    if home.granted and moment >= home.granted_at:
        claims["roles"] = home.granted
    access = identity().signer.sign(claims)
    return {"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": access}


def _for_code(_tenant: str) -> dict[str, Any]:
    held = identity().codes.get(request.form.get("code", ""))
    if held is None:
        raise SignInError(400, "invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
    if held["used"]:
        text = (
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing "
            "refresh token."
        )
        raise SignInError(400, "invalid_grant", 54005, text)
    held["used"] = True
    if held["at"] + CODE_LIFE < state().clock.time():
        text = (
            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive "
            "authorization request for this user and resource."
        )
        raise SignInError(400, "invalid_grant", 70008, text)
    if held["redirect_uri"] != request.form.get("redirect_uri"):
        text = (
            f"The reply address '{request.form.get('redirect_uri')}' does not match the reply address "
            f"'{held['redirect_uri']}' provided when requesting Authorization code."
        )
        raise SignInError(400, "invalid_grant", 500112, text)
    _check_verifier(held)
    return _for_person(held)


def _check_verifier(held: dict[str, Any]) -> None:
    """https://datatracker.ietf.org/doc/html/rfc7636"""
    challenge, verifier = held["code_challenge"], request.form.get("code_verifier", "")
    if not challenge and not verifier:
        return
    if not verifier:
        raise SignInError(
            400,
            "invalid_grant",
            50148,
            "The code_verifier does not match the code_challenge supplied in the authorization request.",
        )
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if (digest if held["code_challenge_method"] == "S256" else verifier) != challenge:
        raise SignInError(
            400,
            "invalid_grant",
            501481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        )


def _for_refresh(_tenant: str) -> dict[str, Any]:
    row = RefreshToken.get_or_none(RefreshToken.token == request.form.get("refresh_token", ""))
    if row is None or row.held["at"] + REFRESH_LIFE < state().clock.time():
        raise scopes.refusal(700082)
    wanted = scopes.asked(request.form.get("scope", ""))
    return _for_person(row.held, wanted)


def _for_person(held: dict[str, Any], wanted: list[str] | None = None) -> dict[str, Any]:
    """Tokens about the person that signed in. held: of the code or the refresh token. wanted: fewer scopes of Graph."""
    home = state().tenants[held["tenant"]]
    user = people.find(home, held["user"])
    if user is None:
        raise SignInError(400, "invalid_grant", 50034, "The user account does not exist in the directory.")
    if not user.enabled:
        raise SignInError(400, "invalid_grant", 50057, "The user account is disabled.")
    if held["at"] < read(user.body["signInSessionsValidFromDateTime"]) - 1:
        raise scopes.refusal(50173)
    if user.id in identity().refusing:
        raise scopes.refusal(identity().refusing[user.id])
    allowed = _scopes_of(held, home, user, wanted)
    claims, life = id_claims(home, user, held["nonce"]), identity().token_life
    answer = {
        "token_type": "Bearer", "scope": " ".join(allowed), "expires_in": life, "ext_expires_in": life,
        "access_token": _access_token(claims, allowed),
        "client_info": client_info(user.id, home.id),
    }  # fmt: skip
    asked = held["scope"].split()
    if "openid" in asked:
        answer["id_token"] = identity().signer.sign(claims)
    if "offline_access" in asked:
        answer["refresh_token"] = fresh_code("0.R")
        RefreshToken.create(token=answer["refresh_token"], held={**held, "at": state().clock.time()})
    return answer


def _scopes_of(held: dict[str, Any], home: Tenant, user: User, wanted: list[str] | None) -> list[str]:
    """What the token is good for, as the answer names it. Raises SignInError where nobody agreed to any of it."""
    asked = scopes.asked(held["scope"])
    both = [name for name in wanted or asked if name in scopes.granted(home, user.id)]
    if asked and not both:
        raise scopes.refusal(65001)
    return [*both, *(name for name in ("openid", "profile", "email") if name in held["scope"].split() or both)]


def _access_token(claims: dict[str, Any], allowed: list[str]) -> str:
    """xms_cc: what the client said it can take. https://learn.microsoft.com/entra/identity-platform/claims-challenge"""
    try:
        access = json.loads(request.form.get("claims") or "{}").get("access_token") or {}
    except ValueError:
        access = {}
    able = [str(name).lower() for name in (access.get("xms_cc") or {}).get("values", ())]
    return identity().signer.sign(
        {**claims, "aud": GRAPH, "scp": " ".join(allowed), "appid": identity().client_id, "xms_cc": able}
    )


def client_info(person_id: str, tenant_id: str) -> str:
    text = json.dumps({"uid": person_id, "utid": tenant_id})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def id_claims(home: Tenant, user: User, nonce: str) -> dict[str, Any]:
    """https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference"""
    clock, own = state().clock, identity()
    claims = {
        "aud": own.client_id, "iss": f"{own.issuer_base}/{home.id}/v2.0",
        "iat": clock.signed_at(), "nbf": clock.signed_at(),
        "exp": int(clock.time()) + own.token_life, "name": user.body.get("displayName"), "oid": user.id,
        "preferred_username": user.body["userPrincipalName"], "rh": "0.",
        "sub": hashlib.sha256(f"{own.client_id}{user.id}".encode()).hexdigest()[:43], "tid": home.id,
        "uti": secrets.token_urlsafe(12), "ver": "2.0", "wids": [TEMPLATES[role] for role in user.roles],
    }  # fmt: skip
    if user.body.get("mail"):
        claims["email"] = user.body["mail"]
    return {**claims, "nonce": nonce} if nonce else claims


GRANTS = {"client_credentials": _for_application, "authorization_code": _for_code, "refresh_token": _for_refresh}
