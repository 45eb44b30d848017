"""Values of the HR record on their way to an account: one that the application refuses holds up no other."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from portal.connectors.base import Connector, Service
from portal.connectors.capabilities import field_words
from portal.connectors.errors import AlreadyExists, ConnectorError, NotFound, NotPermitted, Protected, Refused
from portal.connectors.values import NewAccount, RemoteAccount
from portal.languages import gettext as _
from portal.languages import joined

LEFT_OUT = _("It was left out. Correct it on the Profile, or turn it off under Settings > Field sync.")
# Why a value was not sent, by field.
LeftOut = dict[str, str]


def acceptable(service: Service, fields: Mapping[str, Any]) -> tuple[dict[str, Any], LeftOut]:
    """The values that the application is known to take, and why it does not take the others."""
    found = {name: service.field_problem(name, str(value or "")) for name, value in fields.items()}
    taken = {name: value for name, value in fields.items() if not found[name]}
    return taken, {name: joined(problem, LEFT_OUT) for name, problem in found.items() if problem}


def cut(service: Service, fields: Mapping[str, Any], left_out: LeftOut) -> dict[str, str]:
    """A sentence, by field, for each value that was sent and that the application has no room for as a whole."""
    sent = {name: str(value or "") for name, value in fields.items() if name not in left_out}
    notes = {name: service.shown_as(name, value)[1] for name, value in sent.items()}
    return {
        name: joined(_("The %(field)s is too long.", field=field_words(name)), note)
        for name, note in notes.items()
        if note
    }


def _about(name: str, message: str) -> str:
    return joined(_("The %(field)s: %(message)s", field=field_words(name), message=message), LEFT_OUT)


def update(connector: Connector, account_id: str, fields: Mapping[str, Any]) -> LeftOut:
    """Give the account these values; returns why it was not given those that were refused.

    Where the application does not say which one it refuses, they are sent one by one. Raises ConnectorError, also when
    it takes none of them.
    """
    left, left_out = dict(fields), LeftOut()
    while left:
        try:
            connector.update(account_id, left)
            break
        except ConnectorError as error:
            if _name_refused(error, left, left_out):
                if not left:
                    raise
                continue
            if not _may_be_a_value(error) or len(left) == 1:
                raise
            left_out |= _one_by_one(connector, account_id, left, error)
            break
    return left_out


def _name_refused(error: ConnectorError, left: dict[str, Any], left_out: LeftOut) -> bool:
    """Whether the application said which value it refuses; then it moves from those to send to those left."""
    of_a_value = type(error) is Refused or isinstance(error, AlreadyExists | NotPermitted)
    if not of_a_value or error.target not in left:
        return False
    del left[error.target]
    left_out[error.target] = joined(error.message, LEFT_OUT)
    return True


def _may_be_a_value(error: ConnectorError) -> bool:
    """Whether a refusal may be about a value of the record, although it names none."""
    return type(error) is Refused and error.target not in ("username", "password", "licence", "group", "unit")


def _one_by_one(connector: Connector, account_id: str, fields: Mapping[str, Any], whole: ConnectorError) -> LeftOut:
    """Send each value alone. Raises the refusal of the whole when no value is taken: it is not about a value then."""
    left_out = LeftOut()
    for name, value in fields.items():
        try:
            connector.update(account_id, {name: value})
        except Refused as error:
            left_out[name] = _about(name, error.message)
    if len(left_out) == len(fields):
        raise whole
    return left_out


def create(connector: Connector, new: NewAccount, service: Service) -> tuple[RemoteAccount, LeftOut]:
    """Make the account with those of its values that the application takes.

    Where it does not say which one it refuses, the account is made without any, and then given them: after a crash in
    between, `complete` continues. Raises ConnectorError while there is no account.
    """
    values = {**new.fields, **({"country": new.country} if new.country else {})}
    left, left_out = acceptable(service, values)
    while True:
        try:
            return connector.create(_with(new, left)), left_out
        except ConnectorError as error:
            if _name_refused(error, left, left_out):
                continue
            if not left or not _may_be_a_value(error):
                raise
            break
    remote = connector.create(_with(new, {}))
    return remote, left_out | _after_all(connector, remote.id, left)


def complete(connector: Connector, remote: RemoteAccount, fields: Mapping[str, Any], service: Service) -> LeftOut:
    """Give an account that was made earlier the values that it lacks."""
    wanted, left_out = acceptable(service, fields)
    if "end_date" in wanted:
        # Not every way of asking for an account shows it.
        remote = connector.find(remote.id, just_created=True)
    return left_out | _after_all(connector, remote.id, lacking(service, remote, wanted))


def lacking(service: Service, remote: RemoteAccount, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that the account does not show yet."""
    held = {**remote.fields, "display_name": remote.display_name}
    return {
        name: value
        for name, value in fields.items()
        if str(held.get(name) or "") != service.shown_as(name, str(value or ""))[0]
    }


def sent(record: dict[str, Any] | None, left_out: LeftOut) -> dict[str, Any] | None:
    """What is remembered of a record as sent: without the values that were refused."""
    if not record or not left_out:
        return record
    return {**record, "fields": {name: value for name, value in record["fields"].items() if name not in left_out}}


def sent_too(record: dict[str, Any] | None, values: dict[str, Any]) -> dict[str, Any]:
    """The same with further values."""
    known = record or {}
    return {**known, "fields": {**known.get("fields", {}), **values}}


def _after_all(connector: Connector, account_id: str, fields: dict[str, Any]) -> LeftOut:
    """As update, of an account that was just made: that it has them not is no reason to lose sight of it."""
    try:
        return update(connector, account_id, fields)
    except (Refused, Protected, NotFound, NotPermitted) as error:
        if isinstance(error, NotPermitted) and error.target not in fields:
            raise
        return {name: _about(name, error.message) for name in fields}


def _with(new: NewAccount, fields: Mapping[str, Any]) -> NewAccount:
    others = {name: value for name, value in fields.items() if name != "country"}
    return replace(new, fields=others, country=fields.get("country"))
