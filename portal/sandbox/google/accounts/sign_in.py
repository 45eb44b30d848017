"""The sign-in page: who it offers, and whether the door opens for them."""

import hashlib
from dataclasses import dataclass

from flask import request, session

from portal.sandbox.google.accounts.answers import state
from portal.sandbox.google.directory.keys import find
from portal.sandbox.google.refusals import Refusal
from portal.sandbox.google.rules.users import check_password
from portal.sandbox.google.state import Customer, State, User, people

SHOWN = 12
UNKNOWN = "Couldn’t find your Google Account."
WRONG = "Wrong password. Try again or click Forgot password to reset it."
SUSPENDED = "Account disabled: your administrator has suspended it."
MUST_CHANGE = "Create a strong password: your administrator asks you to change it."


@dataclass
class NotSignedIn(Exception):
    """The page is shown again. changing: the address whose password must be changed first."""

    text: str
    changing: str = ""


def offered(hd: str = "") -> list[tuple[str, list[User]]]:
    """The invented people to pick from; hd: of this domain alone."""
    found = []
    for customer in state().customers.values():
        if hd in ("", "*") or hd in customer.domain_names:
            live = (User.customer == customer.id) & User.deleted_at.is_null() & ~User.archived
            found.append((customer.name, list(User.select().where(live).order_by(User.seq).limit(SHOWN))))
    if not hd:
        found.append(("Personal accounts", list(User.select().where(User.customer == "").order_by(User.seq))))
    return found


def door(known: State, user: User, password: str) -> str:
    """Would this password open the door: "ok", "must change password", "wrong password" or "blocked"."""
    if not _is_password(user.password, password):
        return "wrong password"
    if user.suspended or user.archived:
        return "blocked"
    customer = known.customers.get(user.customer)
    sso = customer is not None and customer.rule("sso")
    return "must change password" if user.must_change and not sso else "ok"


def _is_password(held: str, typed: str) -> bool:
    """Passwords that came as a hash are held as one. Those of crypt(3) open no door here."""
    for kind, digest in (("MD5:", hashlib.md5), ("SHA-1:", hashlib.sha1)):
        if held.startswith(kind):
            return digest(typed.encode(), usedforsecurity=False).hexdigest() == held.removeprefix(kind).lower()
    return held == typed


def signing_in() -> User:
    """Who signs in with the form that was sent. Raises NotSignedIn."""
    picked = request.form.get("pick")
    name = (picked or request.form.get("username", "")).strip()
    user = find(state(), name) if name else None
    if user is None:
        raise NotSignedIn(UNKNOWN)
    if picked and (user.suspended or user.archived):
        raise NotSignedIn(SUSPENDED)
    if not picked:
        _check_form(user)
    user.last_login = state().clock.time()
    user.save()
    session["person"] = [user.id, state().clock.time()]
    return user


def _check_form(user: User) -> None:
    found = door(state(), user, request.form.get("password", ""))
    if found == "blocked":
        raise NotSignedIn(SUSPENDED)
    if found == "wrong password":
        raise NotSignedIn(WRONG)
    if found == "must change password":
        _change_password(user, request.form.get("new_password", ""))


def _change_password(user: User, fresh: str) -> None:
    if not fresh or fresh == user.password:
        raise NotSignedIn(MUST_CHANGE, changing=user.address)
    try:
        user.password = check_password(_customer(user), {"password": fresh})
    except Refusal:
        raise NotSignedIn("Use 8 characters or more for your password.", changing=user.address) from None
    user.must_change = False
    people.save(state(), user, "update")


def _customer(user: User) -> Customer:
    return state().customers[user.customer]


def signed_in() -> User | None:
    """Who is signed in already, if nobody has ended their session."""
    user_id, since = session.get("person") or ("", 0)
    user = people.live(user_id)
    if user is None or user.suspended or user.archived or since < user.signed_out_at:
        return None
    return user
