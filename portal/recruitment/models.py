"""What recruitment keeps. Every row has its organisation; names and texts are in any script."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.auth.models import User
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages import N_
from portal.languages import gettext as _
from portal.languages.columns import SentenceField
from portal.organisations.models import Organisation
from portal.people.models import Employee, searchable


def days_since(moment: datetime) -> int:
    """Whole days since then."""
    return max(0, (now() - moment) // timedelta(days=1))


class VacancyState(StrEnum):
    """DRAFT: never seen from outside. PAUSED: not seen from outside for a while."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class StageKind(StrEnum):
    """What a stage is for, whatever it is called."""

    NEW = "new"
    SCREENING = "screening"
    INTERVIEW = "interview"
    OFFER = "offer"


class Part(StrEnum):
    """What a user does for a vacancy."""

    RECRUITER = "recruiter"
    HIRING_MANAGER = "hiring manager"
    INTERVIEWER = "interviewer"


class Ended(StrEnum):
    """How an application ended."""

    HIRED = N_("hired")
    NOT_TAKEN = N_("not taken")
    WITHDRAWN = N_("withdrawn")


# As pages begin with them.
ENDS = (N_("Hired"), N_("Not taken"), N_("Withdrawn"))


class MoveKind(StrEnum):
    """What happened to an application."""

    APPLIED = "applied"
    AGAIN = "applied again"
    ADDED = "added"
    MOVED = "moved"
    NOT_TAKEN = "not taken"
    WITHDRAWN = "withdrawn"
    HIRED = "hired"
    REOPENED = "reopened"


class Source(StrEnum):
    """Where a candidate came from."""

    CAREERS = N_("Careers page")
    HAND = N_("Added by hand")
    REFERRAL = N_("Recommended by an employee")


class Vacancy(BaseModel):
    """A place to be filled. address: its word in the address of the careers page, which never changes.

    questions: what its form asks, each as {"key", "label", "kind" (a forms.Question), "needed"}.
    closes_on: the last day on which anybody can apply. retention_months: None for those of the organisation.
    """

    organisation_id: int
    hiring_manager_id: int | None
    owner_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    title = CharField(max_length=200)
    department = CharField(max_length=200, default="")
    place = CharField(max_length=200, default="")
    country = CharField(max_length=2, default="")
    kind = CharField(max_length=40, default="")
    hours = CharField(max_length=40, default="")
    description = TextField(default="")
    questions = JSONField(default=list)
    openings = IntegerField(default=1)
    hiring_manager = ForeignKeyField(Employee, null=True, on_delete="SET NULL")
    owner = ForeignKeyField(User, null=True, on_delete="SET NULL")
    state = CharField(max_length=20, default=VacancyState.DRAFT)
    closes_on = DateField(null=True)
    address = CharField(max_length=80)
    retention_months = IntegerField(null=True)
    created_at = UtcDateTimeField(default=now)
    published_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("organisation", "address"), True),)

    @property
    def is_over(self) -> bool:
        """Whether its last day for applications has passed, where the organisation is."""
        return self.closes_on is not None and self.closes_on < self.organisation.today

    @property
    def is_open(self) -> bool:
        """Whether it is seen from outside, and anybody can apply."""
        return self.state == VacancyState.OPEN and not self.is_over


class Stage(BaseModel):
    """Where applications stand on the way; hired, not taken and withdrawn are ends, and no stages."""

    organisation_id: int
    vacancy_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    vacancy = ForeignKeyField(Vacancy, backref="stages", on_delete="CASCADE")
    position = IntegerField()
    name = CharField(max_length=60)
    kind = CharField(max_length=20, default=StageKind.SCREENING)


class TeamMember(BaseModel):
    """A user who works on a vacancy."""

    organisation_id: int
    vacancy_id: int
    user_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    vacancy = ForeignKeyField(Vacancy, backref="team", on_delete="CASCADE")
    user = ForeignKeyField(User, on_delete="CASCADE")
    part = CharField(max_length=20)

    class Meta:
        indexes = ((("vacancy", "user"), True),)


class Candidate(BaseModel):
    """A person who applied or was added. A name may be a single word.

    talent_until, consent_text: until when they agreed to be kept for other openings, and the words they agreed to.
    asked_consent: words that were ticked on a form; they count once the candidate opens the link of an email.
    erase_on: the day on which the data goes. erased_at: when it went; the row then holds no name.
    """

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    first_name = CharField(max_length=100, default="")
    last_name = CharField(max_length=100, default="")
    phone = CharField(max_length=60, default="")
    country = CharField(max_length=2, default="")
    source = CharField(max_length=40, default=Source.HAND)
    talent_until = DateField(null=True)
    consent_text = TextField(default="")
    asked_consent = TextField(default="")
    erase_on = DateField(null=True, index=True)
    erased_at = UtcDateTimeField(null=True)
    search_text = TextField(default="")
    created_at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("organisation", "id"), False),)

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or _("Erased candidate")

    def note_words(self) -> None:
        """Work out what the candidate is found by. The row and its addresses must be saved."""
        addresses = [one.address for one in self.addresses]
        self.search_text = searchable(self.first_name, self.last_name, self.phone, *addresses)

    addresses: Any
    applications: Any
    files: Any
    mails: Any
    messages: Any


class CandidateAddress(BaseModel):
    """An email address of a candidate. folded: as addresses.folded() makes it, of one candidate only.

    by: where it came from: form, hand or reply. bounced_at: when a mail to it came back.
    """

    candidate_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, backref="addresses", on_delete="CASCADE")
    address = CharField(max_length=254)
    folded = CharField(max_length=300)
    by = CharField(max_length=10)
    bounced_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("organisation", "folded"), True),)


class Application(BaseModel):
    """This candidate for this vacancy. stage: where it is, or was when it ended; None when that stage is gone.

    since: when it came to its stage, or ended. again_at: when the same person applied once more.
    """

    organisation_id: int
    candidate_id: int
    vacancy_id: int
    stage_id: int | None
    employee_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, backref="applications", on_delete="CASCADE")
    vacancy = ForeignKeyField(Vacancy, backref="applications", on_delete="CASCADE")
    stage = ForeignKeyField(Stage, null=True, backref="applications", on_delete="SET NULL")
    applied_at = UtcDateTimeField(default=now)
    since = UtcDateTimeField(default=now)
    again_at = UtcDateTimeField(null=True)
    source = CharField(max_length=40, default=Source.HAND)
    ended = CharField(max_length=20, null=True)
    reason = CharField(max_length=300, default="")
    ended_at = UtcDateTimeField(null=True)
    employee = ForeignKeyField(Employee, null=True, unique=True, on_delete="SET NULL")

    class Meta:
        indexes = (
            (("candidate", "vacancy"), True),
            (("vacancy", "ended", "stage", "since"), False),
        )

    @property
    def answers(self) -> list[dict[str, str]]:
        """What the person answered, each time they applied: the first time first."""
        moves = StageMove.select(StageMove.answers).where(StageMove.application == self).order_by(StageMove.id)
        return [one for move in moves for one in move.answers or []]

    @property
    def days_here(self) -> int:
        """Whole days since it came to its stage."""
        return days_since(self.since)


class StageMove(BaseModel):
    """One thing that happened to an application. before, after: the names of stages, as they were called then.

    answers: of a person who applied, to the questions of the form as they were then: {"key", "label", "answer"}.
    """

    application_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    application = ForeignKeyField(Application, backref="moves", on_delete="CASCADE")
    kind = CharField(max_length=20, default=MoveKind.MOVED)
    before = CharField(max_length=60, default="")
    after = CharField(max_length=60, default="")
    reason = SentenceField(longest=300, default="")
    answers = JSONField(null=True)
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    by_name = CharField(max_length=320, default="")
    at = UtcDateTimeField(default=now)


class Note(BaseModel):
    """What a user wrote down about a candidate; never changed. application: the one it was written at, if any."""

    candidate_id: int
    application_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, backref="notes", on_delete="CASCADE")
    application = ForeignKeyField(Application, null=True, backref="notes", on_delete="CASCADE")
    text = TextField()
    by = ForeignKeyField(User, null=True, on_delete="SET NULL")
    by_name = CharField(max_length=320, default="")
    at = UtcDateTimeField(default=now)


class RecruitmentSettings(BaseModel):
    """What an organisation chose for recruitment. careers_page: whether there is one.

    keep_months: how long an application is kept after its end. talent_months: how long a person who agreed is kept.
    """

    organisation_id: int
    organisation = ForeignKeyField(Organisation, unique=True, on_delete="CASCADE")
    careers_page = BooleanField(default=True)
    introduction = TextField(default="")
    privacy_notice = TextField(default="")
    keep_months = IntegerField(default=6)
    talent_months = IntegerField(default=12)


class CareersAddress(BaseModel):
    """A word in the address of an organisation's careers page: the newest is the present one, older ones lead to it."""

    organisation_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    word = CharField(max_length=60, unique=True)
    since = UtcDateTimeField(default=now)
