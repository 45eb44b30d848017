"""What an organisation chooses for an add-on, and which of an account's licences are its own."""

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class AddOnSettings(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        service = CharField(max_length=40)
        default_licence = CharField(max_length=64, null=True)
        licences_go_on_deactivate = BooleanField(default=False)
        naming = CharField(max_length=40, default="first.last")
        separator = CharField(max_length=1, default=".")
        use_preferred_name = BooleanField(default=True)
        collision = CharField(max_length=20, default="number")

        class Meta:
            database = db
            table_name = "add_on_settings"
            indexes = ((("organisation", "service"), True),)

    class LicenceRule(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        service = CharField(max_length=40)
        position = IntegerField(default=0)
        field = CharField(max_length=20)
        value = CharField(max_length=200)
        licence = CharField(max_length=64, default="")

        class Meta:
            database = db
            table_name = "licence_rule"
            indexes = ((("organisation", "service", "position"), False),)

    db.create_tables([AddOnSettings, LicenceRule])
    migrator.migrate(migrator.add_column("account", "own_plan_ids", JSONField(null=True)))
