"""Changes that wait for a second Admin; what a Run's approval goes by; lines of the audit log found by what was done."""

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, JSONField, Model

COLUMNS = (
    ("approval_above", "INTEGER"),
    ("started_at", "TIMESTAMP"),
    ("approval_reason", "VARCHAR(400) NOT NULL DEFAULT ''"),
)


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class PendingChange(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        control = CharField(max_length=60)
        before = JSONField()
        after = JSONField()
        state = CharField(max_length=30)
        by = ForeignKeyField(table("portal_user"), null=True, on_delete="SET NULL")
        by_name = CharField(max_length=320)
        asked_at = DateTimeField()
        takes_effect_at = DateTimeField(null=True)
        decided_by_name = CharField(max_length=320, default="")
        decided_at = DateTimeField(null=True)
        told_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "pending_change"
            indexes = ((("organisation", "state", "id"), False),)

    one_waiting = PendingChange.index(
        PendingChange.organisation, PendingChange.control, unique=True, name="pending_change_one_waiting"
    )
    PendingChange.add_index(one_waiting.where(SQL("state = 'waiting for approval'")))
    db.create_tables([PendingChange])
    for name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "run" ADD COLUMN "{name}" {kind}')
    db.execute_sql('CREATE INDEX "run_by_id_verb_started_at" ON "run" ("by_id", "verb", "started_at")')
    db.execute_sql('CREATE INDEX "audit_entry_by_action" ON "audit_entry" ("organisation_id", "action", "at")')
