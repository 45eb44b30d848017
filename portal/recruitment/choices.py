"""What an organisation chose for recruitment, and the address of its careers page."""

import re
from typing import Any

from portal import audit
from portal.auth.models import User
from portal.database import now
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.recruitment.candidates import FieldRefused
from portal.recruitment.models import CareersAddress, RecruitmentSettings

WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def of(organisation: Organisation) -> RecruitmentSettings:
    """What the organisation chose; as it comes, and not saved, before anybody chose."""
    found = RecruitmentSettings.get_or_none(RecruitmentSettings.organisation == organisation)
    return found or RecruitmentSettings(organisation=organisation)


def word_of(organisation: Organisation) -> str:
    """The organisation's word in the address of its careers page; what it would be, before there is a vacancy."""
    newest = CareersAddress.select().where(CareersAddress.organisation == organisation)
    found = newest.order_by(CareersAddress.since.desc(), CareersAddress.id.desc()).first()
    return found.word if found else free_word(organisation.key)


def organisation_at(word: str) -> Organisation | None:
    """The organisation whose careers page is, or was, at this word; word_of() says which word it has now."""
    found = CareersAddress.get_or_none(CareersAddress.word == word)
    return found.organisation if found else None


def free_word(wish: str) -> str:
    """The wish, or the wish with a number, whichever no organisation has."""
    number = 1
    while CareersAddress.select().where(CareersAddress.word == (word := _numbered(wish, number))).exists():
        number += 1
    return word


def _numbered(wish: str, number: int) -> str:
    return wish if number == 1 else f"{wish}-{number}"


def begin(organisation: Organisation) -> None:
    """Within the organisation's turn: give it an address for its careers page, if it has none."""
    if not CareersAddress.select().where(CareersAddress.organisation == organisation).exists():
        CareersAddress.create(organisation=organisation, word=free_word(organisation.key))


def change(organisation: Organisation, word: str, values: dict[str, Any], *, by: User) -> None:
    """Choose again. word: of the careers page's address; the one before leads to it. values: by the row's fields.

    Raises FieldRefused for a word that another organisation has, or had.
    """
    with audit.turn(organisation.id):
        begin(organisation)
        before = word_of(organisation)
        if word != before:
            _take(organisation, word)
        RecruitmentSettings.insert(organisation=organisation).on_conflict_ignore().execute()
        row = RecruitmentSettings.get(RecruitmentSettings.organisation == organisation)
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        row.save()
        plain = {name: values[name] for name in changed if not isinstance(values[name], str)}
        texts = [name for name in changed if isinstance(values[name], str)]
        audit.record(
            by, "change recruitment settings", row, organisation=organisation, address=word, texts=texts, **plain
        )


def _take(organisation: Organisation, word: str) -> None:
    if len(word) > 60 or not WORD.fullmatch(word):
        raise FieldRefused("address", _("Use small letters a to z, digits and hyphens, such as “acme-care”."))
    mine = CareersAddress.get_or_none(CareersAddress.word == word)
    if mine is not None and mine.organisation_id != organisation.id:
        raise FieldRefused("address", _("This address is taken. Choose a different one."))
    if mine is not None:
        mine.delete_instance()
    CareersAddress.create(organisation=organisation, word=word, since=now())
