"""Tokens that have been given, and the causes that end them.

https://developers.google.com/identity/protocols/oauth2#expiration
"""

import base64
import hashlib
import secrets
from typing import Any

from portal.sandbox.google import unverified
from portal.sandbox.google.accounts.answers import TokenError, client, state
from portal.sandbox.google.accounts.policy import policy_error
from portal.sandbox.google.accounts.scopes import PREFIX
from portal.sandbox.google.state import User
from portal.sandbox.google.state.models import Access, Refresh

ENDED = "Token has been expired or revoked."
UNUSED_LIFE, TESTING_LIFE = 183 * 86400.0, 7 * 86400.0
MOST_REFRESH_TOKENS = 100


def tokens(user: User, scopes: list[str], *, nonce: str = "", new_refresh: bool = False) -> dict[str, Any]:
    """What the token endpoint answers."""
    moment, life = state().clock.time(), client().token_life
    access = f"ya29.a0{secrets.token_urlsafe(72)}"
    Access.create(token=access, user=user.id, scopes=scopes, made_at=moment, ends_at=moment + life)
    answer: dict[str, Any] = {
        "access_token": access, "expires_in": life, "scope": " ".join(scopes), "token_type": "Bearer",
    }  # fmt: skip
    if new_refresh:
        answer.update(_refresh(user, scopes))
    if "openid" in scopes:
        answer["id_token"] = client().signer.sign(claims(user, scopes, access, nonce))
    return {name: value for name, value in answer.items() if name not in client().unsaid}


def _refresh(user: User, scopes: list[str]) -> dict[str, Any]:
    """A new refresh token; the oldest beyond a hundred ends without a word."""
    moment = state().clock.time()
    customer = state().customers.get(user.customer)
    life = customer.rule("grant_life") if customer else None
    lives = [seconds for seconds in (life, TESTING_LIFE if client().testing else None) if seconds]
    token = f"1//0{secrets.token_urlsafe(64)}"
    Refresh.create(
        token=token, user=user.id, scopes=scopes, used_at=moment, ends_at=moment + min(lives) if lives else None
    )
    live = Refresh.select(Refresh.seq).where(Refresh.user == user.id).order_by(Refresh.seq.desc())
    kept = [row.seq for row in live.limit(MOST_REFRESH_TOKENS)]
    Refresh.delete().where((Refresh.user == user.id) & Refresh.seq.not_in(kept)).execute()
    answer: dict[str, Any] = {"refresh_token": token}
    if life:
        answer["refresh_token_expires_in"] = int(life)
    return answer


def claims(user: User, scopes: list[str], access: str, nonce: str) -> dict[str, Any]:
    """https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload"""
    clock, own = state().clock, client()
    # That `sub` is the id in the directory, nobody promises and everybody relies on.
    half = hashlib.sha256(access.encode()).digest()[:16]
    found: dict[str, Any] = {
        "iss": own.issuer, "azp": own.client_id, "aud": own.client_id, "sub": user.id, "iat": clock.signed_at(),
        "exp": int(clock.time()) + 3600, "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
    }  # fmt: skip
    found.update(profile(user, scopes))
    return {**found, "nonce": nonce} if nonce else found


def profile(user: User, scopes: list[str]) -> dict[str, Any]:
    """What an id_token and userinfo say of a person; hd only of somebody who belongs to a customer."""
    found: dict[str, Any] = {}
    customer = state().customers.get(user.customer)
    if customer:
        found["hd"] = customer.domain if unverified.HD_IS_PRIMARY else user.address.partition("@")[2]
    if f"{PREFIX}userinfo.email" in scopes:
        found.update(email=user.address, email_verified=bool(user.body.get("_verified", True)))
    if f"{PREFIX}userinfo.profile" in scopes:
        name = user.body["name"]
        found.update(name=f"{name['givenName']} {name['familyName']}", given_name=name["givenName"],
                     family_name=name["familyName"], picture="https://lh3.googleusercontent.com/a/default")  # fmt: skip
    return found


def live_refresh(token: str) -> tuple[Refresh, User]:
    """Raises TokenError, for every cause that ends a refresh token."""
    held = Refresh.get_or_none(Refresh.token == token)
    moment = state().clock.time()
    if held is None:
        raise TokenError(400, "invalid_grant", ENDED)
    user = User.get_or_none(User.id == held.user)
    if user is None or user.deleted_at is not None:
        raise TokenError(400, "invalid_grant", "The account has been deleted")
    if held.used_at + UNUSED_LIFE < moment or (held.ends_at is not None and held.ends_at <= moment):
        raise TokenError(400, "invalid_grant", ENDED)
    if user.suspended or user.archived:
        raise TokenError(400, *client().suspended)
    if client().reauth:
        text = f"reauth related error ({client().reauth})"
        raise TokenError(400, "invalid_grant", text, client().reauth)
    if policy_error(user, held.scopes):
        raise TokenError(400, "admin_policy_enforced", "This app has been blocked by your administrator.")
    return held, user
