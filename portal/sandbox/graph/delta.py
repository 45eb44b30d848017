"""What has changed among the users since last time.

https://learn.microsoft.com/graph/api/user-delta and https://learn.microsoft.com/graph/delta-query-overview
"""

import re
from collections import defaultdict
from typing import Any

from flask import Response, request

from portal.sandbox.graph.calls import address, answer, asked, call, live_users, state
from portal.sandbox.graph.shapes import CONTEXT, DEFAULTS, check_select, user_shape
from portal.sandbox.odata.options import Options
from portal.sandbox.odata.pages import linked, token, values_of
from portal.sandbox.refusals import Refusal, bad_request
from portal.sandbox.rules import permissions
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User
from portal.sandbox.state.models import Change

TOKEN_LIFE = 7 * 86400.0
PAGE = 200
MOST_IDS = 50
PATHS = ("/users/delta", "/users/delta()", "/users/microsoft.graph.delta", "/users/microsoft.graph.delta()")
GONE = ("deleted", "purged")


@call("GET", *PATHS, needs=permissions.READ_USERS)
def delta(caller: Caller) -> Response:
    options = asked()
    check_select(options, caller, collection=True)
    for name in ("$orderby", "$search", "$expand", "$top"):
        if name in options.raw:
            raise bad_request(f"The query option '{name}' is not supported with delta queries.")
    ids = _ids(options.filter)
    if options.deltatoken == "latest":
        return _page(options, [], delta=_token("d", _last_change(caller), 0))
    if options.deltatoken or options.skiptoken:
        kind, since, at = _read(options.deltatoken or options.skiptoken)
        if kind == "i":
            return _first_round(caller, options, ids, since, at)
        return _changes(caller, options, ids, since)
    return _first_round(caller, options, ids, _last_change(caller), 0)


def _ids(text: str) -> set[str]:
    """The ids of $filter=id eq '…' or id eq '…'; empty for all users. Raises Refusal."""
    if not text:
        return set()
    parts = [re.fullmatch(r"\s*id\s+eq\s+'([^']+)'\s*", part) for part in re.split(r"\bor\b", text)]
    if not all(parts) or len(parts) > MOST_IDS:
        raise bad_request("Delta queries support only $filter on id, with at most 50 ids.")
    return {part.group(1).lower() for part in parts if part}


def _token(kind: str, since: int, at: int) -> str:
    """kind: "i" for the first round, "d" for changes. since: the change seen last; at: the user seen last."""
    return token([kind, state().clock.time(), since, at])


def _read(text: str) -> tuple[str, int, int]:
    """Raises Refusal for a token that is too old, or none of ours."""
    try:
        kind, made, since, at = values_of(text)
    except ValueError:
        raise Refusal(400, "Directory_InvalidDeltaToken", "Badly formed token.") from None
    if state().clock.time() - made > TOKEN_LIFE:
        fresh = {"Location": f"{address('/users/delta')}?$deltatoken="}
        message = "The delta token is expired or can no longer be used. Start again without a token."
        raise Refusal(410, "syncStateNotFound", message, headers=fresh)
    return str(kind), int(since), int(at)


def _last_change(caller: Caller) -> int:
    return Change.select(Change.seq).where(Change.tenant == caller.tenant.id).order_by(Change.seq.desc()).scalar() or 0


def _first_round(caller: Caller, options: Options, ids: set[str], since: int, at: int) -> Response:
    """All users, page by page."""
    wanted = live_users(caller)(User) & (User.seq > at)
    if ids:
        wanted &= User.id.in_(ids)
    users = list(User.select().where(wanted).order_by(User.seq).limit(PAGE + 1))
    value = [_shown(user, options, caller) for user in users[:PAGE]]
    if len(users) > PAGE:
        return _page(options, value, following=_token("i", since, users[PAGE - 1].seq))
    return _page(options, value, delta=_token("d", since, 0))


def _changes(caller: Caller, options: Options, ids: set[str], since: int) -> Response:
    """All users who changed, each once, as they are now."""
    wanted = (Change.tenant == caller.tenant.id) & (Change.seq > since)
    if ids:
        wanted &= Change.user.in_(ids)
    changes = list(Change.select().where(wanted).order_by(Change.seq).limit(PAGE + 1))
    page, names, last = changes[:PAGE], defaultdict[str, set[str]](set), dict[str, str]()
    for change in page:
        names[change.user].update(change.names if change.kind == "updated" else {"*"})
        last[change.user] = change.kind
    value = [
        shown for user_id, changed in names.items()
        if (shown := _changed(caller, options, user_id, changed, last[user_id])) is not None
    ]  # fmt: skip
    until = page[-1].seq if page else since
    if len(changes) > PAGE:
        return _page(options, value, following=_token("d", until, 0))
    return _page(options, value, delta=_token("d", until, 0))


def _changed(caller: Caller, options: Options, user_id: str, names: set[str], kind: str) -> dict[str, Any] | None:
    """None when nothing changed that was asked for."""
    if kind in GONE:
        return {"id": user_id, "@removed": {"reason": "changed" if kind == "deleted" else "deleted"}}
    user = User.get_or_none(User.id == user_id)
    if user is None or user.deleted_at is not None:
        return None
    tracked = set(options.select or DEFAULTS)
    if "*" not in names and not names & tracked:
        return None
    if "return=minimal" in request.headers.get("Prefer", "") and "*" not in names:
        shown = _shown(user, options, caller, whole=True)
        return {name: item for name, item in shown.items() if name.partition("@")[0] in names or name == "id"}
    return _shown(user, options, caller, whole="*" not in names)


def _shown(user: User, options: Options, caller: Caller, *, whole: bool = False) -> dict[str, Any]:
    """whole: also what has no value, since it may have had one before."""
    shown = user_shape(user.body, options, caller)
    found = {name: value for name, value in shown.items() if whole or value not in (None, [])}
    if "manager" in options.select and (user.manager or whole):
        linked_manager = [{"@odata.type": "#microsoft.graph.user", "id": user.manager}] if user.manager else []
        found["manager@delta"] = linked_manager
    return {**found, "id": user.id}


def _page(options: Options, value: list[dict[str, Any]], *, following: str = "", delta: str = "") -> Response:
    base = address("/users/delta")
    links = {"@odata.nextLink": linked(base, options, skiptoken=following)} if following else {}
    if delta:
        links["@odata.deltaLink"] = linked(base, options, deltatoken=delta)
    names = f"({','.join(options.select)})" if options.select else ""
    return answer({"@odata.context": f"{CONTEXT}users{names}/$delta", **links, "value": value})
