"""What Admins have chosen to hear by email, urgent emails that are due, and what was told already."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class MailChoice(Model):
        user = ForeignKeyField(table("portal_user"), unique=True, on_delete="CASCADE")
        digest = CharField(max_length=10)
        urgent = BooleanField()

        class Meta:
            database = db
            table_name = "mail_choice"

    class UrgentMail(Model):
        user = ForeignKeyField(table("portal_user"), on_delete="CASCADE")
        title = CharField(max_length=300)
        lines = JSONField(default=list)
        page = CharField(max_length=300)
        made_at = DateTimeField()
        not_before = DateTimeField(null=True, index=True)
        tries = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "urgent_mail"

    class Told(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        key = CharField(max_length=120)
        value = CharField(max_length=60)
        at = DateTimeField()

        class Meta:
            database = db
            table_name = "told"
            indexes = ((("organisation", "key"), True),)

    db.create_tables([MailChoice, UrgentMail, Told])
