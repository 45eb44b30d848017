"""The steps that give licences to an account and take them away. Those of its groups are never touched."""

from collections.abc import Iterable, Mapping, Sequence

from portal.accounts.known import remember_account, shown
from portal.connections.offer import names_of
from portal.connectors import SERVICES
from portal.connectors.errors import OutOfSeats, Refused, TryLater
from portal.connectors.values import BY_ITSELF, RemoteAccount
from portal.languages import N_, joined, listed
from portal.languages import gettext as _
from portal.operations.requests import CreateRequest, DeactivateRequest, ForLicences, LicenceRequest, ReactivateRequest
from portal.operations.work import Outcome, Work
from portal.provisioning.steps import NOT_YET

# Tries after which it is no outage any more: the pauses between them make some minutes.
ENOUGH = 6


def assign_licence(work: Work) -> Outcome:
    """The licence of a new account."""
    asked = work.operation.request_as(CreateRequest)
    name = asked.licence_name or asked.licence_id
    _assign(work, {asked.licence_id: name}, [])
    return Outcome(after={N_("licence"): name})


def _assign(
    work: Work, add: dict[str, str], remove: Iterable[str], without: Mapping[str, Sequence[str]] | None = None
) -> None:
    """One call for all. Raises OutOfSeats with the names of what was asked for."""
    try:
        work.connector.assign_licences(work.remote_id, add=list(add), remove=list(remove), without=without)
    except OutOfSeats as error:
        raise error.worded(
            _("No seat is left on %(licences)s, so it was not given.", licences=listed(add.values(), "or"))
        ) from error
    except TryLater as error:
        if error.target != BY_ITSELF or work.operation.attempts < ENOUGH:
            raise
        service = SERVICES[work.operation.connection.service]
        raise error.worded(
            _("%(service)s does not let the portal give the licence %(licences)s: it seems to give this "
            "licence by its own rules.", service=service.name, licences=listed(add.values(), "or")),
            next_step=_("Check in the %(console)s whether the account has it.", console=service.words.console),
            kind=Refused, target="licence",
        ) from error  # fmt: skip


def change_licences(work: Work) -> Outcome:
    """Add and remove what was asked for, as far as it is not so already; the country first where it is missing."""
    asked = work.operation.request_as(LicenceRequest)
    remote = _read(work, [*asked.add, *asked.remove])
    own = remote.own_licence_ids or frozenset()
    add = {key: asked.names[key] for key in asked.add if key not in own}
    remove = [key for key in asked.remove if key in own]
    if add and not remote.country and asked.country:
        work.connector.update(work.remote_id, {"country": asked.country})
    _assign(work, add, remove)
    before, after = (
        _listed(work, remote.licence_ids or ()),
        _listed(work, ((remote.licence_ids or frozenset()) - frozenset(remove)) | add.keys()),
    )
    note = "" if add or remove else _("Already up to date.")
    return Outcome(before={N_("licences"): before}, after={N_("licences"): after}, note=note)


def _read(work: Work, licence_ids: Iterable[str]) -> RemoteAccount:
    """The account with its licences, these among them."""
    return work.connector.with_licences(work.connector.find(work.remote_id), list(licence_ids))


def _listed(work: Work, licence_ids: Iterable[str]) -> str:
    names = names_of(work.operation.connection, licence_ids) | work.operation.request_as(ForLicences).names
    return ", ".join(sorted(names[key] for key in licence_ids)) or N_("none")


def read_back_licences(work: Work) -> Outcome:
    """Read the account again. Raises TryLater while it does not show the licences as asked for."""
    asked, account = work.operation.request_as(LicenceRequest), work.account
    remote = _read(work, [*asked.add, *asked.remove])
    own = remote.own_licence_ids or frozenset()
    if not set(asked.add) <= own or set(asked.remove) & own:
        raise TryLater(NOT_YET)
    after = {**shown(remote), N_("licences"): _listed(work, remote.licence_ids or ())}
    return Outcome(after=after, save=lambda: remember_account(account, remote))


def take_licences(work: Work) -> Outcome:
    """Take the account's own licences away. Which they were is in the results since the first step.

    Where they are asked for apart they are read now: that they cannot be must not keep the sign-in open.
    """
    noted = frozenset(work.operation.results["own_licences"])
    held: frozenset[str] | None = noted
    if work.interrupted or not noted:
        known = work.operation.request_as(DeactivateRequest).names
        held = _read(work, noted or known).own_licence_ids
        # What a try without an answer has taken is not shown any more.
        noted = noted or (held or frozenset()) | (known.keys() if work.interrupted else frozenset())
    work.connector.assign_licences(work.remote_id, add=[], remove=sorted((held or frozenset()) & noted))
    return Outcome(
        before={N_("licences"): _listed(work, noted)},
        after={N_("licences"): N_("removed")},
        remember={"licences_taken": sorted(noted)},
    )


def give_licences_back(work: Work) -> Outcome:
    """What the deactivation took: all in one call, else one by one, so that one full licence does not hold up others.

    Raises Refused, naming what was given and what was not.
    """
    wanted = work.operation.request_as(ReactivateRequest).give_back
    missing, refused = give_missing(work, wanted)
    if len(missing) == 1 and refused:
        raise next(iter(refused.values()))
    if refused:
        last = list(refused.values())[-1]
        given = ", ".join(name for key, name in missing.items() if key not in refused)
        left = ", ".join(missing[key] for key in refused)
        raise last.worded(
            joined(
                last.message,
                _("Given back: %(given)s. Not given back: %(left)s.", given=given or _("none"), left=left),
            ),
            next_step=last.next_step, kind=Refused,
        )  # fmt: skip
    return Outcome(after={N_("licences returned"): ", ".join(wanted.values())})


def give_missing(
    work: Work, wanted: Mapping[str, str], without: Mapping[str, Sequence[str]] | None = None
) -> tuple[dict[str, str], dict[str, Refused]]:
    """Give those of the licences (id -> name) that the account lacks; which it lacked, and which of them were refused.

    without: as of Connector.assign_licences.
    """
    held = _read(work, wanted).own_licence_ids or frozenset()
    missing = {key: name for key, name in wanted.items() if key not in held}
    try:
        _assign(work, missing, [], without)
    except Refused as error:
        if len(missing) == 1:
            return missing, dict.fromkeys(missing, error)
        return missing, _give_one_by_one(work, missing, without)
    return missing, {}


def _give_one_by_one(
    work: Work, missing: dict[str, str], without: Mapping[str, Sequence[str]] | None
) -> dict[str, Refused]:
    refused = {}
    for key, name in missing.items():
        try:
            _assign(work, {key: name}, [], without)
        except Refused as error:
            refused[key] = error
    return refused
