"""Who a candidate is: one person for each email address of an organisation."""

from contextlib import suppress
from typing import Any

from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people import rules
from portal.problems import Problem
from portal.recruitment.models import Candidate, CandidateAddress, Source


class FieldRefused(Problem):
    """One field cannot be as given. field: its name."""

    status = 422

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


def folded(address: str) -> str:
    """The address as two spellings of it are compared: small letters, and the domain in its ASCII form."""
    local, _, domain = rules.tidy(address).casefold().rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"


def checked(first_name: str, last_name: str, email: str, phone: str = "") -> dict[str, str]:
    """The fields as they are kept. Raises FieldRefused with the first that is wrong."""
    texts = {"first_name": first_name, "last_name": last_name, "email": email, "phone": phone}
    values = {name: rules.tidy(text) for name, text in texts.items()}
    if not (values["first_name"] or values["last_name"]):
        raise FieldRefused("first_name", _("Enter a first name or a last name."))
    if not values["email"]:
        raise FieldRefused("email", _("Enter an email address."))
    for name, value in values.items():
        problem = rules.text_problem({"email": "personal_email", "phone": "mobile"}.get(name, name), value)
        if problem:
            raise FieldRefused(name, problem)
    values["phone"] = rules.as_stored("mobile", values["phone"])
    return values


def address_of(candidate: Candidate) -> CandidateAddress | None:
    """The address to write to: the first that no mail has come back from."""
    mine = CandidateAddress.select().where(CandidateAddress.candidate == candidate)
    found: CandidateAddress | None = mine.order_by(
        CandidateAddress.bounced_at.is_null(False), CandidateAddress.id
    ).first()
    return found


def with_address(organisation: Organisation | int, address: str) -> Candidate | None:
    """The candidate of the organisation who has this address."""
    return (
        Candidate.select()
        .join(CandidateAddress)
        .where(CandidateAddress.organisation == organisation, CandidateAddress.folded == folded(address))
        .first()
    )


def found_or_made(organisation: Organisation, values: dict[str, str], *, source: Source, by: str) -> Candidate:
    """Within a transaction that has the organisation's turn: the candidate with this address, a new one if none has it.

    values: as from checked(). A candidate who is known keeps their name; only what is empty is filled in.
    """
    candidate = with_address(organisation, values["email"])
    if candidate is None:
        candidate = Candidate.create(
            organisation=organisation, first_name=values["first_name"], last_name=values["last_name"],
            phone=values["phone"], source=source,
        )  # fmt: skip
        add_address(candidate, values["email"], by=by)
    elif values["phone"] and not candidate.phone:
        candidate.phone = values["phone"]
    candidate.organisation = organisation
    save(candidate)
    return candidate


def add_address(candidate: Candidate, address: str, *, by: str) -> CandidateAddress:
    """by: form, hand or reply."""
    made: CandidateAddress = CandidateAddress.create(
        organisation=candidate.organisation_id, candidate=candidate, address=rules.tidy(address),
        folded=folded(address), by=by,
    )  # fmt: skip
    return made


def save(candidate: Candidate) -> None:
    """Save the row with the words it is found by."""
    candidate.note_words()
    candidate.save()


def addresses_of(candidates: list[Candidate]) -> dict[int, list[str]]:
    """The addresses of each, as typed, by the candidate's id."""
    found: dict[int, list[str]] = {}
    rows: Any = CandidateAddress.select().where(CandidateAddress.candidate.in_([one.id for one in candidates]))
    for row in rows.order_by(CandidateAddress.id):
        found.setdefault(row.candidate_id, []).append(row.address)
    return found
