"""The part of a tenant that new accounts are made in, and how many seats of a licence an organisation says it bought."""

from peewee import CharField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class UnitRule(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        service = CharField(max_length=40)
        position = IntegerField(default=0)
        field = CharField(max_length=20)
        value = CharField(max_length=200)
        unit = TextField(default="")

        class Meta:
            database = db
            table_name = "unit_rule"
            indexes = ((("organisation", "service", "position"), False),)

    db.create_tables([UnitRule])
    kind = next(column.data_type for column in db.get_columns("connection") if column.name == "licences")
    db.execute_sql(f'ALTER TABLE "connection" ADD COLUMN "units" {kind} NOT NULL DEFAULT \'[]\'')
    db.execute_sql('ALTER TABLE "add_on_settings" ADD COLUMN "default_unit" TEXT NOT NULL DEFAULT \'\'')
    db.execute_sql(f'ALTER TABLE "add_on_settings" ADD COLUMN "seats_bought" {kind} NOT NULL DEFAULT \'{{}}\'')
