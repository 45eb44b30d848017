"""The token endpoint: codes and client credentials for tokens.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import base64
import hashlib
import hmac
import secrets

import jwt
from flask import jsonify, request

from portal.sandbox.identity import ANY_TENANT, SignInError, blueprint, identity, state, tenant_or_refuse
from portal.sandbox.seed import ROLES
from portal.sandbox.state import new_id
from portal.sandbox.tokens import client_info

CODE_LIFE, TOKEN_LIFE = 600, 3599


@blueprint.post("/<tenant>/oauth2/v2.0/token")
def token(tenant: str):
    _check_secret()
    kind = request.form.get("grant_type")
    if kind == "authorization_code":
        return _token_for_code()
    if kind != "client_credentials":
        raise SignInError(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
    if tenant in ANY_TENANT:
        raise SignInError(400, "unauthorized_client", 9001023, "The grant type is not supported over this endpoint.")
    home = tenant_or_refuse(tenant)
    if not request.form.get("scope", "").endswith("/.default"):
        raise SignInError(400, "invalid_scope", 70011, "The provided value for scope is not valid.")
    if not home.granted and not home.known:
        raise SignInError(400, "unauthorized_client", 700016, "Application was not found in the directory.")
    moment = int(state().clock.time())
    claims = {
        "aud": "https://graph.microsoft.com", "iss": f"https://sts.windows.net/{home.id}/", "tid": home.id,
        "appid": identity().client_id, "oid": new_id(), "idtyp": "app", "iat": moment, "nbf": moment - 5,
        "exp": moment + TOKEN_LIFE, "uti": secrets.token_urlsafe(12),
    }  # fmt: skip
    if home.granted:
        claims["roles"] = home.granted
    access = identity().signer.sign(claims)
    return jsonify(token_type="Bearer", expires_in=TOKEN_LIFE, ext_expires_in=TOKEN_LIFE, access_token=access)


def _check_secret() -> None:
    if request.form.get("client_id") != identity().client_id:
        raise SignInError(400, "unauthorized_client", 700016, "Application was not found in the directory.")
    assertion = request.form.get("client_assertion")
    if assertion:
        try:
            jwt.decode(assertion, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            raise SignInError(401, "invalid_client", 700027, "Client assertion failed signature validation.") from None
        return
    if not hmac.compare_digest(request.form.get("client_secret", "").encode(), identity().client_secret.encode()):
        raise SignInError(401, "invalid_client", 7000215, "Invalid client secret provided.")
    if identity().secret_expired:
        raise SignInError(401, "invalid_client", 7000222, "The provided client secret keys are expired.")


def _token_for_code():
    held = identity().codes.get(request.form.get("code", ""))
    if held is None:
        raise SignInError(400, "invalid_grant", 70008, "The provided authorization code is invalid or has expired.")
    if held.get("used"):
        raise SignInError(400, "invalid_grant", 54005, "OAuth2 Authorization code was already redeemed.")
    held["used"] = True
    if held["at"] + CODE_LIFE < state().clock.time():
        raise SignInError(400, "invalid_grant", 70008, "The provided authorization code is invalid or has expired.")
    if held["redirect_uri"] != request.form.get("redirect_uri"):
        raise SignInError(400, "invalid_grant", 500112, "The reply address does not match.")
    verifier = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
    if held["code_challenge"] and base64.urlsafe_b64encode(verifier).decode().rstrip("=") != held["code_challenge"]:
        raise SignInError(400, "invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
    home = state().tenants[held["tenant"]]
    user = home.users[held["user"]]
    moment = int(state().clock.time())
    claims = {
        "aud": identity().client_id, "iss": f"{identity().issuer_base}/{home.id}/v2.0", "tid": home.id,
        "oid": user["id"], "sub": hashlib.sha256(user["id"].encode()).hexdigest()[:40], "name": user["displayName"],
        "preferred_username": user["userPrincipalName"], "email": user.get("mail"), "nonce": held["nonce"],
        "ver": "2.0",
        "iat": moment, "nbf": moment - 5, "exp": moment + TOKEN_LIFE, "uti": secrets.token_urlsafe(12),
        "wids": [ROLES[role] for role in user["_roles"]],
    }  # fmt: skip
    return jsonify(
        token_type="Bearer", scope=held["scope"], expires_in=TOKEN_LIFE, ext_expires_in=TOKEN_LIFE,
        access_token=identity().signer.sign({**claims, "aud": "https://graph.microsoft.com", "scp": "openid profile"}),
        id_token=identity().signer.sign(claims), client_info=client_info(user["id"], home.id),
    )  # fmt: skip
