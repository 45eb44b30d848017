"""The photos of employees."""

from peewee import BlobField, DateTimeField, ForeignKeyField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Employee(Model):
        class Meta:
            database = db
            table_name = "employee"

    class Photo(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        employee = ForeignKeyField(Employee, unique=True, on_delete="CASCADE")
        jpeg = BlobField()
        small = BlobField()
        changed_at = DateTimeField()

        class Meta:
            database = db
            table_name = "photo"

    db.create_tables([Photo])
    db.execute_sql('ALTER TABLE "employee" ADD COLUMN "photo" VARCHAR(16) NOT NULL DEFAULT \'\'')
