"""Whether an organisation's people sign in to an application through another identity provider."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "add_on_settings" ADD COLUMN "signs_in_elsewhere" BOOLEAN NOT NULL DEFAULT FALSE')
