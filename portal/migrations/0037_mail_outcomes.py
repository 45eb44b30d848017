"""When the mail server may have a mail, what keeps it from taking any, and what became of an invitation's mail."""

COLUMNS = (
    ("login_mail", "given_at", "TIMESTAMP"),
    ("invitation", "mail_problem", "TEXT NOT NULL DEFAULT ''"),
)


def up(migrator, db):
    from peewee import DateTimeField, Model, TextField

    class MailTrouble(Model):
        problem = TextField()
        since = DateTimeField()
        look_at = DateTimeField()

        class Meta:
            database = db
            table_name = "mail_trouble"

    for table, name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
    db.create_tables([MailTrouble])
