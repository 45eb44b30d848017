"""The timelines of employees, and their dated steps."""

from peewee import (
    SQL,
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
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    company, person = table("organisation"), table("employee")

    class Itinerary(Model):
        organisation = ForeignKeyField(company, on_delete="CASCADE")
        employee = ForeignKeyField(person, on_delete="CASCADE")
        kind = CharField(max_length=20)
        state = CharField(max_length=20)
        dates = JSONField()
        template_id = IntegerField(null=True)
        version = IntegerField()
        options = JSONField()
        time_zone = CharField(max_length=64)
        followed_at = DateTimeField()
        by_name = CharField(max_length=320)
        made_at = DateTimeField()
        ended_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "itinerary"
            indexes = ((("organisation", "state"), False),)

    Itinerary.add_index(
        Itinerary.index(Itinerary.employee, Itinerary.kind, unique=True, name="itinerary_one_open")
        .where(SQL("state = 'open'"))
    )  # fmt: skip

    class PlannedStep(Model):
        organisation = ForeignKeyField(company, on_delete="CASCADE")
        itinerary = ForeignKeyField(Itinerary, on_delete="CASCADE")
        employee = ForeignKeyField(person, on_delete="CASCADE", index=False)
        connection = ForeignKeyField(table("connection"), null=True, on_delete="CASCADE")
        key = CharField(max_length=40)
        place = IntegerField()
        anchor = CharField(max_length=20)
        days = IntegerField()
        day = DateField()
        hour = CharField(max_length=5)
        due_at = DateTimeField()
        moved_by_hand = BooleanField()
        parts = JSONField()
        state = CharField(max_length=20)
        operation = ForeignKeyField(table("operation"), null=True, on_delete="SET NULL")
        begun_at = DateTimeField(null=True)
        ended_at = DateTimeField(null=True)
        done_by = CharField(max_length=320)
        reason = TextField()

        class Meta:
            database = db
            table_name = "planned_step"
            indexes = ((("state", "due_at"), False), (("organisation", "due_at"), False), (("employee",), False))

    db.create_tables([Itinerary, PlannedStep])
