"""Vacancies, their stages and teams, candidates, and their applications."""

from peewee import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Employee(Model):
        class Meta:
            database = db
            table_name = "employee"

    class User(Model):
        class Meta:
            database = db
            table_name = "portal_user"

    class Vacancy(Model):
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
        state = CharField(max_length=20, default="draft")
        closes_on = DateField(null=True)
        address = CharField(max_length=80)
        retention_months = IntegerField(null=True)
        created_at = DateTimeField()
        published_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "vacancy"
            indexes = ((("organisation", "address"), True),)

    class Stage(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        vacancy = ForeignKeyField(Vacancy, on_delete="CASCADE")
        position = IntegerField()
        name = CharField(max_length=60)
        kind = CharField(max_length=20, default="screening")

        class Meta:
            database = db
            table_name = "stage"

    class TeamMember(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        vacancy = ForeignKeyField(Vacancy, on_delete="CASCADE")
        user = ForeignKeyField(User, on_delete="CASCADE")
        part = CharField(max_length=20)

        class Meta:
            database = db
            table_name = "team_member"
            indexes = ((("vacancy", "user"), True),)

    class Candidate(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        first_name = CharField(max_length=100, default="")
        last_name = CharField(max_length=100, default="")
        phone = CharField(max_length=60, default="")
        country = CharField(max_length=2, default="")
        source = CharField(max_length=40, default="Added by hand")
        talent_until = DateField(null=True)
        consent_text = TextField(default="")
        erase_on = DateField(null=True, index=True)
        erased_at = DateTimeField(null=True)
        search_text = TextField(default="")
        created_at = DateTimeField()

        class Meta:
            database = db
            table_name = "candidate"
            indexes = ((("organisation", "id"), False),)

    class CandidateAddress(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, on_delete="CASCADE")
        address = CharField(max_length=254)
        folded = CharField(max_length=300)
        by = CharField(max_length=10)
        bounced_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "candidate_address"
            indexes = ((("organisation", "folded"), True),)

    class Application(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, on_delete="CASCADE")
        vacancy = ForeignKeyField(Vacancy, on_delete="CASCADE")
        stage = ForeignKeyField(Stage, null=True, on_delete="SET NULL")
        applied_at = DateTimeField()
        since = DateTimeField()
        again_at = DateTimeField(null=True)
        answers = JSONField(default=list)
        source = CharField(max_length=40, default="Added by hand")
        ended = CharField(max_length=20, null=True)
        reason = CharField(max_length=300, default="")
        ended_at = DateTimeField(null=True)
        employee = ForeignKeyField(Employee, null=True, unique=True, on_delete="SET NULL")
        link_hash = CharField(max_length=64, null=True, unique=True)
        reminded_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "application"
            indexes = (
                (("candidate", "vacancy"), True),
                (("vacancy", "ended", "stage", "since"), False),
            )

    class StageMove(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        application = ForeignKeyField(Application, on_delete="CASCADE")
        kind = CharField(max_length=20, default="moved")
        before = CharField(max_length=60, default="")
        after = CharField(max_length=60, default="")
        reason = CharField(max_length=300, default="")
        by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        by_name = CharField(max_length=320, default="")
        at = DateTimeField()

        class Meta:
            database = db
            table_name = "stage_move"

    class Note(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, on_delete="CASCADE")
        application = ForeignKeyField(Application, null=True, on_delete="CASCADE")
        text = TextField()
        by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        by_name = CharField(max_length=320, default="")
        at = DateTimeField()

        class Meta:
            database = db
            table_name = "note"

    class RecruitmentSettings(Model):
        organisation = ForeignKeyField(Organisation, unique=True, on_delete="CASCADE")
        careers_page = BooleanField(default=True)
        introduction = TextField(default="")
        privacy_notice = TextField(default="")
        keep_months = IntegerField(default=6)
        talent_months = IntegerField(default=12)

        class Meta:
            database = db
            table_name = "recruitment_settings"

    class CareersAddress(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        word = CharField(max_length=60, unique=True)
        since = DateTimeField()

        class Meta:
            database = db
            table_name = "careers_address"

    db.create_tables(
        [
            Vacancy,
            Stage,
            TeamMember,
            Candidate,
            CandidateAddress,
            Application,
            StageMove,
            Note,
            RecruitmentSettings,
            CareersAddress,
        ]
    )
