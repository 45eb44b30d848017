"""Emails without a secret to an employee or a manager, as they wait and went out."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model, TextField


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Employee(Model):
        class Meta:
            database = db
            table_name = "employee"

    class Operation(Model):
        class Meta:
            database = db
            table_name = "operation"

    class Notice(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        employee = ForeignKeyField(Employee, on_delete="CASCADE")
        operation = ForeignKeyField(Operation, unique=True, on_delete="CASCADE")
        kind = CharField(max_length=20)
        recipient = CharField(max_length=254)
        details = JSONField(default=dict)
        made_at = DateTimeField()
        not_before = DateTimeField(null=True, index=True)
        tries = IntegerField(default=0)
        sent_at = DateTimeField(null=True)
        problem = TextField(default="")

        class Meta:
            database = db
            table_name = "notice"

    db.create_tables([Notice])
