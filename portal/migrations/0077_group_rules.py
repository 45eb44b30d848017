"""Groups by rule, and which memberships come from a rule."""

from peewee import CharField, ForeignKeyField, IntegerField, Model, TextField

from portal.database import UtcDateTimeField


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Account(Model):
        class Meta:
            database = db
            table_name = "account"

    class GroupRule(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        service = CharField(max_length=40)
        position = IntegerField(default=0)
        field = CharField(max_length=20)
        value = CharField(max_length=200)
        group = CharField(max_length=64)
        group_name = CharField(max_length=256)
        why_not = TextField(default="")

        class Meta:
            database = db
            table_name = "group_rule"
            indexes = ((("organisation", "service", "position"), False),)

    class GivenGroup(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        group = CharField(max_length=64)
        group_name = CharField(max_length=256)
        given_at = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "given_group"
            indexes = ((("account", "group"), True),)

    db.create_tables([GroupRule, GivenGroup])
