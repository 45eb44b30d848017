"""Who has seen a secret of a token: whom it lets in, they have let in."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "api_token" ADD COLUMN "rotated_by" TEXT NOT NULL DEFAULT \'\'')
