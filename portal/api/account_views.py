"""The accounts of an employee: one for each connected application, and what can be done to it."""

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict

from portal import background, seeing
from portal.account_page.card import why_left_alone
from portal.account_page.card_page import PATIENCE, asked, looked_for
from portal.account_page.forms import WITHOUT, CreateAccountForm
from portal.accounts import licences
from portal.accounts.models import Status
from portal.accounts.place import Place
from portal.api import brake, once, schemas, shaping
from portal.api.routes import Listed, NotValid, Reply, pages, route
from portal.api_tokens import checking
from portal.api_tokens.scopes import Scope
from portal.connections import offer
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.hand_over import recipients
from portal.languages import N_
from portal.operations.models import Operation
from portal.problems import Problem
from portal.provisioning import actions, usernames
from portal.provisioning.taken import to_give_back
from portal.theirs import looking
from portal.theirs.looking import Look

blueprint = pages("accounts")
OF_ONE = "/employees/<int:employee_id>/accounts"
PLACE = f"{OF_ONE}/<service_key>"
# Field of the form -> field of the body.
SENT_AS = {"send_immediately": "send", "date": "send_at", "time": "send_at", "domain": "username"}
WHEN = {"now": CreateAccountForm.NOW, "on_start_date": CreateAccountForm.START, "ahead": CreateAccountForm.AHEAD,
        "at": CreateAccountForm.AT}  # fmt: skip


class LeftAlone(Problem):
    """The portal does not change this account."""

    title = "Left alone"

    @property
    def kind(self) -> str:
        return "protected"


class AddressIsNew(Problem):
    """Where this employee’s password goes, or whose account it is, was changed within the last 7 days."""

    title = "A person has to do this"
    next_step = "An Admin creates the account on the employee’s page, where the portal asks for their password."


class WouldLoseDeleted(Problem):
    """A deleted account could never be restored after this."""

    next_step = "Restore that account in the portal, choose another username, or send `lose_deleted`."


class StillDeleted(Problem):
    """This account was deleted, so it must be restored first."""

    next_step = "An Admin restores it on the employee’s page."


@route(
    blueprint, "GET", OF_ONE, scope=Scope.ACCOUNTS_READ, summary=N_("List the accounts of an employee"),
    answer=schemas.Account, many=True,
)  # fmt: skip
def list_accounts(employee_id: int, query: schemas.Query) -> Listed:
    return Listed([shaping.account(place) for place in seeing.places_of(seeing.employee_or_404(employee_id))])


@route(
    blueprint, "GET", PLACE, scope=Scope.ACCOUNTS_READ, summary=N_("Read the account at one application"),
    answer=schemas.Account, etag=True,
)  # fmt: skip
def read_account(employee_id: int, service_key: str, query: schemas.Query) -> Reply:
    body = shaping.account(seeing.place_or_404(employee_id, service_key))
    return Reply(body, version=shaping.version(body))


def _begun(operation: Operation) -> Reply:
    body, made = shaping.operation(operation), once.Made("operation", operation.id)
    return Reply(body, 202, location=f"/api/v1/operations/{operation.id}", made=made)


once.SHOWN["operation"] = lambda number: _begun(seeing.own_or_404(Operation, number))


def _verb(name: str, summary: str, body: type[schemas.Strict], **more: Any) -> Callable[[Any], Any]:
    """A route that starts something at a place, and answers with how far it is."""
    return route(
        blueprint, "POST", f"{PLACE}/{name}", scope=Scope.ACCOUNTS_WRITE, summary=summary, query=schemas.Writing,
        body=body, answer=schemas.Operation, status=202, once=True, **more,
    )  # fmt: skip


def act(place: Place, verb: Callable[[str], Operation]) -> Reply:
    """Begin it as its button does, and wait as long as a person would. verb: is given who does it."""
    by = _actor()
    brake.check(brake.accounts(place.employee.organisation))
    brake.hold(place.employee.organisation)
    try:
        operation = background.within(PATIENCE, lambda: verb(by))
    except background.StillUnderWay:
        latest = Operation.latest_of(place.employee, place.connection)
        if latest is None:
            raise once.StillRunning() from None
        operation = latest
    return _begun(operation)


def _actor() -> str:
    token = checking.current.get()
    return token.actor if token is not None else ""


def _preview(place: Place, **after: Any) -> Reply:
    before = shaping.account(place).model_dump(mode="json", include={"status", "username", "account_id"})
    opinion = brake.accounts(place.employee.organisation)
    return Reply(schemas.Preview(before=before, after=before | after, brake=opinion))


@_verb("create", N_("Create the account"), schemas.CreateAccount, example={"licence_id": "none", "send": "now"})
def create_account(employee_id: int, service_key: str, query: schemas.Writing, body: schemas.CreateAccount) -> Reply:
    place = seeing.place_or_404(employee_id, service_key)
    if place.account is not None:
        raise actions.NothingToDo(f"{place.employee.name} already has an account: nothing was created.")
    if recipients.changed_lately([employee_id]):
        raise AddressIsNew()
    form, good = _form(place, body)
    look = Look() if body.another else looked_for(place)
    if look.candidates and not body.another:
        raise _may_have_one(place, look)
    if not good:
        raise NotValid({f"/{SENT_AS.get(name, name)}": " ".join(words) for name, words in form.errors.items()})
    wanted = form.account_request()
    if not body.lose_deleted and (lost := _lost_by(place, wanted.username)):
        raise WouldLoseDeleted(lost)
    if query.dry_run:
        return _preview(place, status=str(Status.ACTIVE), username=wanted.username, licence=wanted.licence_name)
    when = "later" if look.unchecked else "done"
    return act(place, lambda by: actions.create_account(place, wanted, by=by, another=body.another, look=when))


def _form(place: Place, body: schemas.CreateAccount) -> tuple[CreateAccountForm, bool]:
    """The form behind the button, filled in with what was sent, and whether it is valid. Raises ConnectorError."""
    username = body.username or _suggested(place)
    domains, named = place.connection.domains, username.rpartition("@")[2].casefold()
    moment = body.send_at.astimezone(place.employee.organisation.zone) if body.send_at else None
    values = {
        "username": username, "domain": named if named in domains else next(iter(domains), ""),
        "licence_id": {"none": WITHOUT}.get(body.licence_id or "", body.licence_id or ""), "unit": body.unit or "",
        "send_immediately": WHEN[body.send], "date": moment.date().isoformat() if moment else "",
        "time": f"{moment:%H:%M}" if moment else "", "update_company_email": "y" * body.update_company_email,
        "another": "y" * body.another, "lose_deleted": "y" * body.lose_deleted,
    }  # fmt: skip
    # For what is not sent, the form’s suggestion counts.
    sent = MultiDict({name: value for name, value in values.items() if value})
    form = CreateAccountForm(place, formdata=sent, meta={"csrf": False})
    return form, form.validate()


def _suggested(place: Place) -> str:
    """The next free username by the organisation's pattern, as the form suggests it."""

    def question() -> str:
        offer.read(place.connection)
        domain = next(iter(place.connection.domains), "")
        found = usernames.suggest(place.employee, place.connection, for_connection(place.connection), domain)
        return f"{found.local_part}@{domain}"

    return asked(place, question)


def _may_have_one(place: Place, look: Look) -> Problem:
    problem = actions.MayHaveOne(place.employee, look)
    problem.next_step = "Link that account, or send `another` to create another one."
    problem.more = {
        "candidates": [
            {"account_id": one.remote.id, "username": one.remote.username, "reasons": list(one.reasons)}
            for one in look.candidates
        ]
    }
    return problem


def _lost_by(place: Place, username: str) -> str:
    connection = place.connection
    try:
        return asked(place, lambda: usernames.lost_by(username, connection, for_connection(connection)))
    except ConnectorError:
        return ""


@_verb(
    "link",
    N_("Link an account that exists"),
    schemas.LinkAccount,
    example={"account_id": "6f5d1c1e-8a0b-4f0e-9b1a-2f3c4d5e6f70"},
)
def link_account(employee_id: int, service_key: str, query: schemas.Writing, body: schemas.LinkAccount) -> Reply:
    place, chosen = seeing.place_or_404(employee_id, service_key), body.account_id
    if place.account is not None:
        raise actions.NothingToDo(f"{place.employee.name} already has an account: unlink it first.")
    actions.check_choice(place.connection, chosen)
    candidate = asked(place, lambda: looking.candidate(place.employee, place.connection, chosen))
    if candidate.deleted:
        raise StillDeleted()
    if candidate.barred:
        raise LeftAlone(candidate.barred)
    if query.dry_run:
        return _preview(place, username=candidate.remote.username, account_id=chosen)
    return act(place, lambda by: actions.link_account(place, chosen, send_record=body.send_record, by=by))


@_verb("deactivate", N_("Deactivate the account"), schemas.Nothing)
def deactivate_account(employee_id: int, service_key: str, query: schemas.Writing, body: schemas.Nothing) -> Reply:
    place = seeing.place_or_404(employee_id, service_key)
    _may_change(place, Status.DEACTIVATED, "deactivated")
    if query.dry_run:
        taken = list(licences.to_take(place.need_account()).values())
        return _preview(place, status=str(Status.DEACTIVATED), licences_taken=taken)
    return act(place, lambda by: actions.deactivate_account(place, by=by))


@_verb("reactivate", N_("Reactivate the account"), schemas.Nothing)
def reactivate_account(employee_id: int, service_key: str, query: schemas.Writing, body: schemas.Nothing) -> Reply:
    place = seeing.place_or_404(employee_id, service_key)
    _may_change(place, Status.ACTIVE, "active")
    if query.dry_run:
        back = list(to_give_back(place.need_account()).values())
        return _preview(place, status=str(Status.ACTIVE), licences_given_back=back)
    return act(place, lambda by: actions.reactivate_account(place, by=by))


def _may_change(place: Place, wanted: Status, word: str) -> None:
    """What the question before the button finds out. Raises NoAccount, NothingToDo, LeftAlone."""
    account = place.need_account()
    if account.status == wanted:
        raise actions.NothingToDo(f"The account of {place.employee.name} is already {word}.")
    try:
        reasons = asked(place, lambda: why_left_alone(account))
    except ConnectorError:
        # The operation looks again before it changes anything, and waits for as long as nobody can say.
        return
    if reasons:
        raise LeftAlone(" ".join(reasons))
