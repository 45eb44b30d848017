"""Private addresses of employees that somebody replaced lately."""

from peewee import CharField, DateTimeField, ForeignKeyField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Employee(Model):
        class Meta:
            database = db
            table_name = "employee"

    class ReplacedAddress(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        employee = ForeignKeyField(Employee, on_delete="CASCADE")
        old_address = CharField(max_length=254, default="")
        at = DateTimeField(index=True)
        told_at = DateTimeField(null=True, index=True)

        class Meta:
            database = db
            table_name = "replaced_address"

    db.create_tables([ReplacedAddress])
