"""Organisations are known by a key that never changes; their names are free. As 0018: by plain statements."""

import re

from anyascii import anyascii


def up(migrator, db):
    db.execute_sql('ALTER TABLE "organisation" ADD COLUMN "key" VARCHAR(60) NOT NULL DEFAULT \'\'')
    db.execute_sql('ALTER TABLE "organisation" ADD COLUMN "first_name" VARCHAR(200) NOT NULL DEFAULT \'\'')
    mark, taken = db.param, set()
    for row_id, name in db.execute_sql('SELECT "id", "name" FROM "organisation" ORDER BY "id"').fetchall():
        plain = re.sub(r"[^a-z0-9]+", "-", anyascii(name).casefold()).strip("-")[:40].strip("-") or "organisation"
        key, number = plain, 1
        while key in taken:
            number += 1
            key = f"{plain}-{number}"
        taken.add(key)
        change = f'UPDATE "organisation" SET "key" = {mark}, "first_name" = {mark} WHERE "id" = {mark}'  # noqa: S608
        db.execute_sql(change, (key, name, row_id))
    db.execute_sql('DROP INDEX "organisation_name"')
    db.execute_sql('CREATE UNIQUE INDEX "organisation_key" ON "organisation" ("key")')
