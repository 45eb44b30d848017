"""Who may do what: one table, and one check before every view. Whose records a user sees: `seeing.py`."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_login import current_user
from werkzeug.exceptions import Forbidden, Unauthorized

from portal import audit
from portal.api_tokens import checking
from portal.auth import actions as auth_actions
from portal.auth.models import AccessLevel, User
from portal.auth.throttle import TooManyTries
from portal.connections.models import Connection
from portal.languages import gettext as _
from portal.languages import joined
from portal.organisations.models import Organisation
from portal.organisations.plans import PLANS, Feature
from portal.sign_in.forms import ConfirmForm

View = TypeVar("View", bound=Callable[..., Any])


class Action(StrEnum):
    """Everything a user can be allowed to do. docs/admin-guide.md shows this table."""

    USE_PORTAL = "use the portal"
    VIEW_EMPLOYEES = "view employees"
    EDIT_EMPLOYEES = "edit employees"
    IMPORT = "import employees"
    EDIT_MANY = "edit many employees"
    PROVISION = "provision"
    LINK_ACCOUNTS = "link accounts"
    OVERSEE = "oversee all accounts"
    ACT_ON_MANY = "start bulk actions"
    VIEW_RUNS = "view bulk actions"
    VIEW_ACTIVITY = "view activity"
    VIEW_AUDIT = "view the audit log"
    MANAGE_SETTINGS = "manage settings"
    MANAGE_ADD_ONS = "manage add-ons"
    MANAGE_USERS = "manage users"
    RECRUIT = "recruit"
    TAKE_PART = "take part in recruitment"
    MANAGE_INTEGRATIONS = "manage integrations"


ALLOWED: dict[AccessLevel, frozenset[Action]] = {
    AccessLevel.ADMIN: frozenset(Action),
    AccessLevel.HR: frozenset(
        {
            Action.USE_PORTAL,
            Action.VIEW_EMPLOYEES,
            Action.EDIT_EMPLOYEES,
            Action.IMPORT,
            Action.EDIT_MANY,
            Action.PROVISION,
            Action.LINK_ACCOUNTS,
            Action.OVERSEE,
            Action.ACT_ON_MANY,
            Action.VIEW_RUNS,
            Action.VIEW_ACTIVITY,
        }
    ),
    # What is about the people of the part. What compares everybody with everything stays with those who see all of it.
    AccessLevel.PART_HR: frozenset(
        {
            Action.USE_PORTAL,
            Action.VIEW_EMPLOYEES,
            Action.EDIT_EMPLOYEES,
            Action.IMPORT,
            Action.PROVISION,
            Action.LINK_ACCOUNTS,
            Action.ACT_ON_MANY,
            Action.VIEW_RUNS,
            Action.VIEW_ACTIVITY,
        }
    ),
    AccessLevel.APPROVER: frozenset(
        {
            Action.USE_PORTAL,
            Action.VIEW_EMPLOYEES,
            Action.VIEW_RUNS,
            Action.VIEW_ACTIVITY,
        }
    ),
    AccessLevel.AUDITOR: frozenset(
        {
            Action.USE_PORTAL,
            Action.VIEW_EMPLOYEES,
            Action.VIEW_RUNS,
            Action.VIEW_ACTIVITY,
            Action.VIEW_AUDIT,
        }
    ),
    # Tokens, users and the settings that hold people back stay with Admins: with them IT could do anything else.
    AccessLevel.IT: frozenset(
        {
            Action.USE_PORTAL,
            Action.VIEW_EMPLOYEES,
            Action.VIEW_ACTIVITY,
            Action.MANAGE_ADD_ONS,
        }
    ),
    # The hiring team of each vacancy says who takes part.
    AccessLevel.MANAGER: frozenset({Action.USE_PORTAL, Action.VIEW_EMPLOYEES, Action.TAKE_PART}),
    AccessLevel.EMPLOYEE: frozenset({Action.USE_PORTAL, Action.VIEW_EMPLOYEES, Action.TAKE_PART}),
}
NEEDS: dict[Action, Feature] = {
    Action.PROVISION: Feature.ACCOUNT_PROVISIONING,
    Action.LINK_ACCOUNTS: Feature.ACCOUNT_PROVISIONING,
    Action.OVERSEE: Feature.ACCOUNT_PROVISIONING,
    Action.ACT_ON_MANY: Feature.ACCOUNT_PROVISIONING,
    Action.VIEW_RUNS: Feature.ACCOUNT_PROVISIONING,
    Action.VIEW_ACTIVITY: Feature.ACCOUNT_PROVISIONING,
    Action.MANAGE_ADD_ONS: Feature.ACCOUNT_PROVISIONING,
    Action.RECRUIT: Feature.RECRUITMENT,
    Action.TAKE_PART: Feature.RECRUITMENT,
    Action.MANAGE_INTEGRATIONS: Feature.ACCOUNT_PROVISIONING,
}
# What stays with an organisation that was connected and lost the plan: it may still read what was done.
KEPT = frozenset({Action.VIEW_ACTIVITY})
PUBLIC = "public"
# What a user can reach before they have signed in as the organisation requires.
LINKING = frozenset({
    "account.overview", "account.ask_password", "account.check_password", "account.second_factor", "account.turn_on",
    "linked.link", "auth.sign_out", "auth.sign_out_everywhere",
})  # fmt: skip
# The field of a form that is sent once more, with the password that was missing.
GIVEN_PASSWORD = ConfirmForm.NAME


@dataclass(frozen=True)
class ByToken:
    """The decision about an address of the API: no user calls it, but a token that has this scope.

    scope: empty for what every token may ask. own_pause: the API can be paused without it.
    """

    scope: str
    own_pause: bool = False


class SignInNeeded(Unauthorized):
    """The request has no signed-in user."""


class SecondFactorNeeded(Forbidden):
    """The organisation asks its Admins for a second factor, and this one has not set it up yet."""


class LinkNeeded(Forbidden):
    """The organisation wants its users to sign in with a connected application, and this one gave the password."""


class PasswordNeeded(Forbidden):
    """What is asked for wants the password once more: it was last given too long ago.

    problem: why the password that the user has just given does not count.
    """

    def __init__(self, problem: str = "", *, status: int = 0):
        super().__init__()
        self.problem = problem
        self.status = status or (422 if problem else 200)


class NotInPlan(Forbidden):
    """The organisation's plan does not have the feature. The answer says what it does and offers Upgrade.

    shown: True when the person only looked (the page itself), False when a closed URL was called.
    """

    def __init__(self, feature: Feature, *, shown: bool):
        super().__init__()
        self.feature = feature
        self.shown = shown


def public(view: View) -> View:
    """Marks a view that any visitor may call, signed in or not."""
    view.access_rule = PUBLIC  # type: ignore[attr-defined]
    return view


def requires(action: Action, *, advertised: bool = False, unfinished: bool = False) -> Callable[[View], View]:
    """Marks a view that only those may call who may do `action`.

    advertised: the page's own address answers with what the feature does when the plan lacks it, instead of a refusal.
    unfinished: also for an Admin who has yet to set up the second factor the organisation asks for.
    """

    def mark(view: View) -> View:
        view.access_rule = (action, advertised, unfinished)  # type: ignore[attr-defined]
        return view

    return mark


def by_token(scope: str, *, own_pause: bool = False) -> Callable[[View], View]:
    """Marks a view that answers other systems: they come with a token that has this scope, and never with a cookie."""

    def mark(view: View) -> View:
        view.access_rule = ByToken(scope, own_pause)  # type: ignore[attr-defined]
        return view

    return mark


def password_first(view: View) -> View:
    """The view asks for the password again when it was last given too long ago. Goes below `requires`."""

    @functools.wraps(view)
    def checked(*arguments: Any, **values: Any) -> Any:
        need_password()
        return view(*arguments, **values)

    return checked  # type: ignore[return-value]


def need_password() -> None:
    """Raises PasswordNeeded when the password was given too long ago, and does not come with this form."""
    if auth_actions.password_is_fresh(current_user):
        return
    given = request.form.get(GIVEN_PASSWORD) if request.method == "POST" else None
    if given is None:
        raise PasswordNeeded()
    try:
        auth_actions.check_again(current_user, given, address=request.remote_addr or "")
    except auth_actions.WrongCredentials:
        raise PasswordNeeded(_("That is not your password.")) from None
    except TooManyTries as problem:
        raise PasswordNeeded(joined(problem.message, problem.next_step), status=problem.status) from None


def may(action: str, user: Any = None) -> bool:
    """True when the user (default: the one signed in) has the access level and the plan for the action."""
    # Every page asks this several times, so without a proxy where the user is known already.
    user = user or g._get_current_object().get("_login_user") or current_user._get_current_object()
    if not user.is_authenticated:
        return False
    allowed = _actions(user.access_level, user.organisation.plan)
    return action in allowed or (action in KEPT and action in actions_of(user))


def may_open(endpoint: str) -> bool:
    """Whether the user who is signed in may call the endpoint, as far as the access level and the plan decide."""
    rule = rule_of(endpoint)
    return rule == PUBLIC or (isinstance(rule, tuple) and may(rule[0]))


def actions_of(user: User) -> frozenset[Action]:
    """Everything that the user may do, by the access level and the plan."""
    allowed = _actions(user.access_level, user.organisation.plan)
    lost = KEPT & ALLOWED[AccessLevel(user.access_level)] - allowed
    return allowed | {action for action in lost if _in_plan(action, user.organisation)} if lost else allowed


@functools.cache
def _actions(level: str, plan: str) -> frozenset[Action]:
    """What the access level allows and the plan has."""
    features = PLANS.get(plan, frozenset())
    return frozenset(action for action in ALLOWED[AccessLevel(level)] if NEEDS.get(action) in {None, *features})


def _in_plan(action: Action, organisation: Organisation) -> bool:
    feature = NEEDS.get(action)
    if feature is None or organisation.has(feature):
        return True
    return action in KEPT and Connection.select().where(Connection.organisation == organisation).exists()


def _enforce() -> None:
    checking.current.set(None)
    rule = rule_of(request.endpoint)
    if rule is None or rule == PUBLIC:
        return
    if isinstance(rule, ByToken):
        _enforce_token(rule)
        return
    user = current_user._get_current_object()
    if not user.is_authenticated:
        raise SignInNeeded()
    action, advertised, unfinished = rule
    if user.must_sign_in_elsewhere and request.endpoint not in LINKING:
        raise LinkNeeded()
    if user.lacks_second_factor and not unfinished:
        raise SecondFactorNeeded()
    if action not in ALLOWED[AccessLevel(user.access_level)]:
        raise Forbidden()
    if not _in_plan(action, user.organisation):
        raise NotInPlan(NEEDS[action], shown=advertised and request.method in ("GET", "HEAD"))


def _enforce_token(rule: ByToken) -> None:
    token = checking.token_of(
        request.headers.get("Authorization", ""), request.remote_addr or "", own_pause=rule.own_pause
    )
    checking.current.set(token)
    audit.behalf.set(audit.Behalf({"token": token.key, "token_made_by": token.made_by_name}))
    if not _in_plan(Action.MANAGE_INTEGRATIONS, token.organisation):
        raise NotInPlan(NEEDS[Action.MANAGE_INTEGRATIONS], shown=False)
    checking.need(token, rule.scope)


def _forget_token(_error: BaseException | None) -> None:
    checking.current.set(None)
    audit.behalf.set(None)


def rule_of(endpoint: str | None) -> Any:
    """The decision about who may call the endpoint; None where there is none."""
    view = current_app.view_functions.get(endpoint or "")
    return getattr(view, "access_rule", None)


def require_decisions(app: Flask) -> None:
    """Refuse to start while a route has no decision about who may call it."""
    undecided = [name for name, view in app.view_functions.items() if not hasattr(view, "access_rule")]
    if undecided:
        raise RuntimeError(f"No access rule on: {', '.join(sorted(undecided))}")


def organisation() -> Organisation:
    """The organisation of the user who is signed in, or of the token that a request comes with."""
    token = checking.current.get()
    return token.organisation if token is not None else current_user.organisation


def init_app(app: Flask, settings: Any) -> None:
    app.view_functions["static"] = public(app.view_functions["static"])
    app.before_request(_enforce)
    app.teardown_request(_forget_token)
