"""Who was moved from a leaver to another manager, so that they can be moved back."""

from peewee import DateTimeField, ForeignKeyField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Employee(Model):
        class Meta:
            database = db
            table_name = "employee"

    class MovedReport(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        leaver = ForeignKeyField(Employee, backref="moved_reports", on_delete="CASCADE")
        employee = ForeignKeyField(Employee, backref="moves", on_delete="CASCADE")
        manager = ForeignKeyField(Employee, backref="gained_reports", on_delete="CASCADE")
        moved_at = DateTimeField()

        class Meta:
            database = db
            table_name = "moved_report"
            indexes = ((("leaver", "employee"), True),)

    db.create_tables([MovedReport])
